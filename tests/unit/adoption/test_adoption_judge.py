# SPDX-License-Identifier: GPL-3.0-or-later
"""What a takeover changes is said, what would lose something is refused, and what the operator accepts is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from erp_ops.adoption.configuration import EnvironmentChange, PgbouncerFile
from erp_ops.adoption.judge import CHANGES, KEEPS, WARNING, judge, refusals
from erp_ops.adoption.model import Code, Database, Facts, Process, Target

COMMIT = "301ad868" * 5
UNIT = "run-production.service"
DAPHNE = Process(40, "python daphne", UNIT)

FACTS = Facts(
    unit=UNIT,
    unit_file=f"/etc/systemd/system/{UNIT}",
    unit_state="active",
    unit_enabled=True,
    script="/home/ops/run-production.sh",
    script_habits=("sleeps and hopes",),
    code=Code("/home/ops/homeupdate", "ops", COMMIT, (), 5 << 20),
    environment_file="/home/ops/homeupdate/.env",
    environment=EnvironmentChange((), ("DB_PASSWORD", "DB_USER")),
    old_role="postgres",
    old_role_is_superuser=True,
    pgbouncer=PgbouncerFile(
        {"crm_system": "host=127.0.0.1"},
        {"pool_mode": "transaction", "default_pool_size": "20", "query_timeout": "60", "auth_file": "/etc/users"},
    ),
    pgbouncer_users=("postgres",),
    database=Database("crm_system", "postgres", "C.UTF-8", 211, 900 << 20),
    processes=(DAPHNE,),
    listener=DAPHNE,
    tunnel_state="active",
    backup_lines=("/etc/cron.d/erp-backup: 0 * * * *",),
    free_bytes=20 << 30,
    taken_over="",
)
TARGET = Target(
    directory="/srv/erp",
    version="main",
    commit=COMMIT,
    port=8000,
    role="erp",
    locale="C.UTF-8",
    pgbouncer_databases=("crm_system",),
    pgbouncer_users=("erp",),
    pgbouncer_settings={"pool_mode": "transaction", "default_pool_size": "40"},
    environment_dropped=(),
    accept=(),
)


def test_an_ordinary_old_server_is_taken_over_with_nothing_refused() -> None:
    findings = judge(FACTS, TARGET)
    assert refusals(findings) == ()
    assert {finding.verdict for finding in findings} == {KEEPS, CHANGES, WARNING}


def test_the_report_names_what_changes_and_what_stays() -> None:
    text = "\n".join(f"{finding.found}|{finding.change}" for finding in judge(FACTS, TARGET))
    for word in (
        UNIT,
        "sleeps and hopes",
        "default_pool_size 20 -> 40; no longer set: query_timeout (60)",
        "211 tables, 944 MB",
        "a superuser",
        "erp-backup",
    ):
        assert word in text


# One thing that is wrong each: the change to the facts, and words of the refusal.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"unit_file": ""}, "knows no run-production.service"),
    (
        {"processes": (DAPHNE, Process(77, "python celery", "session-3.scope"))},
        "77 (python celery, in session-3.scope)",
    ),
    ({"listener": Process(9, "nginx", "nginx.service")}, "is held by 9"),
    ({"code": replace(FACTS.code, commit="")}, "no git checkout"),
    ({"code": replace(FACTS.code, changed=("orders/views.py",))}, "orders/views.py"),
    ({"code": replace(FACTS.code, commit="f" * 40)}, "another than the one that serves"),
    ({"environment": None}, "is not there"),
    ({"environment": EnvironmentChange(("EMAIL_HOST",), ())}, "EMAIL_HOST"),
    ({"environment": EnvironmentChange((), ("SECRET_KEY",))}, "SECRET_KEY"),
    ({"pgbouncer": PgbouncerFile({"crm_system": "", "reports": ""}, {})}, "also serves reports"),
    ({"pgbouncer_users": ("metabase", "postgres")}, "also lets metabase in"),
    (
        {"database": replace(FACTS.database, obstacle="connection refused")},
        "could not be looked at: connection refused",
    ),
    ({"database": replace(FACTS.database, collate="ar_EG.UTF-8")}, "ar_EG.UTF-8"),
    ({"free_bytes": 1 << 20}, "1.0 MB free"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_would_lose_something_is_refused(change: dict[str, Any], words: str) -> None:
    refused = refusals(judge(replace(FACTS, **change), TARGET))
    assert len(refused) == 1
    assert words in refused[0].found


def test_everything_that_is_wrong_is_said_at_once() -> None:
    broken = replace(FACTS, environment=None, free_bytes=0, database=replace(FACTS.database, collate="POSIX"))
    assert {finding.subject for finding in refusals(judge(broken, TARGET))} == {
        "environment",
        "uploaded files",
        "database",
    }


def test_what_the_operator_accepts_by_name_becomes_a_warning() -> None:
    changed = replace(FACTS, code=replace(FACTS.code, changed=("a.py",)))
    findings = judge(changed, replace(TARGET, accept=("local-changes",)))
    assert refusals(findings) == ()
    assert [finding.key for finding in findings if finding.verdict == WARNING and finding.subject == "code"] == [
        "local-changes"
    ]


def test_lost_data_cannot_be_accepted() -> None:
    unseen = replace(FACTS, database=replace(FACTS.database, obstacle="no such database"))
    assert refusals(judge(unseen, replace(TARGET, accept=("database", ""))))


def test_a_repository_that_does_not_answer_is_not_taken_for_the_same_version() -> None:
    assert [finding.key for finding in refusals(judge(FACTS, replace(TARGET, commit="")))] == ["other-version"]


def test_a_name_that_may_be_dropped_is_not_missed() -> None:
    facts = replace(FACTS, environment=EnvironmentChange(("OLD_TOKEN",), ()))
    assert refusals(judge(facts, replace(TARGET, environment_dropped=("OLD_TOKEN",)))) == ()


def test_a_takeover_that_was_interrupted_is_not_refused_for_its_own_web_server() -> None:
    facts = replace(
        FACTS,
        taken_over="2026-11-26",
        unit_state="inactive",
        processes=(),
        listener=Process(5, "daphne", "erp-daphne.service"),
    )
    assert refusals(judge(facts, TARGET)) == ()
