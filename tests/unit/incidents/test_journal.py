# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal as journalctl prints it, and what else was done in the period."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from erp_ops.incidents import happenings_io, journal_io
from erp_ops.incidents.classify import Classifier
from erp_ops.incidents.clock import Clock
from erp_ops.incidents.examine_io import JOURNAL, Period, examine
from erp_ops.incidents.journal import Journal
from erp_ops.incidents.model import DEPLOY, HOLDING, MIGRATE, PATCH, REPAIR, RESTORE, REVERSE, START, Happening
from erp_ops.incidents.scan import Scan
from erp_ops.incidents.settings import Settings
from erp_ops.incidents.shipped import SHIPPED
from erp_ops.incidents.signatures import compiled
from erp_ops.incidents.tally import Tally
from erp_ops.patches import ledger
from erp_ops.patches.diff_text import parse
from erp_ops.patches.model import APPLIED, Record
from erp_ops.releases.releases_io import PATCHES
from erp_ops.sequences.history import history_io
from erp_ops.sequences.history.model import Check, Repair

NOON = int(datetime(2026, 2, 25, 12, 50, 11, tzinfo=UTC).timestamp())
DIFF = "--- a/cutting/x.py\n+++ b/cutting/x.py\n@@ -1 +1 @@\n-old\n+new\n"


def entry(message: object, *, after: float = 0, unit: str = "erp-daphne.service", pid: str = "7", **more: str) -> bytes:
    told = {"MESSAGE": message, "PRIORITY": "6", "_SYSTEMD_UNIT": unit, "_PID": pid, "_TRANSPORT": "stdout"}
    return json.dumps({**told, "__REALTIME_TIMESTAMP": str(int((NOON + after) * 1e6)), **more}).encode() + b"\n"


def counted(*entries: bytes) -> tuple[dict[str, int], Journal, Tally]:
    tally = Tally(0, 1 << 40)
    classifier = Classifier(compiled(SHIPPED, SHIPPED))
    journal = Journal(lambda: Scan(Clock(ZoneInfo("UTC")), classifier, tally, tally.family(JOURNAL)))
    for one in entries:
        journal.line(one)
    journal.finish()
    events = {key: sum(one.events for one in tally.moments(group)) for key, group in tally.groups.items()}
    return events, journal, tally


TRACEBACK = (
    "[2026-02-25 12:50:11] ERROR django.request - Internal Server Error: /x/",
    "Traceback (most recent call last):",
    '  File "/srv/erp/current/app/orders/views.py", line 3, in show',
    "    raise",
    "KeyError: 'a'",
)


def test_the_lines_of_a_traceback_are_one_event_though_processes_write_at_once() -> None:
    entries = [
        entry(line, after=number / 100, pid=pid) for number, line in enumerate(TRACEBACK) for pid in ("7", "8", "9")
    ]
    events, journal, tally = counted(*entries)
    assert events == {"KeyError orders/views.py:show": 3}
    assert journal.events == 3
    assert tally.groups["KeyError orders/views.py:show"].first == NOON


def test_a_traceback_without_any_time_has_the_journals() -> None:
    events, _, tally = counted(*(entry(line, after=5) for line in TRACEBACK[1:]), entry("all is well", after=9))
    assert events == {"KeyError orders/views.py:show": 1}
    assert tally.groups["KeyError orders/views.py:show"].first == NOON + 5


def test_a_group_of_exceptions_is_one_event_and_has_the_journals_time() -> None:
    lines = (
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "/srv/erp/current/app/a/tasks.py", line 9, in run',
        "  | ExceptionGroup: several (1 sub-exception)",
        "  +-+---------------- 1 ----------------",
        "    | Traceback (most recent call last):",
        '    |   File "/srv/erp/current/app/a/tasks.py", line 3, in one',
        "    | ValueError: no",
        "    +------------------------------------",
    )
    events, _, tally = counted(*(entry(line, after=5) for line in lines), entry("all is well", after=9))
    assert events == {"ValueError a/tasks.py:one": 1}
    assert tally.groups["ValueError a/tasks.py:one"].first == NOON + 5


def test_priorities_are_the_level_of_what_the_system_says() -> None:
    def system(message: str, priority: str) -> bytes:
        return entry(message, unit="init.scope", pid="1", PRIORITY=priority, _TRANSPORT="journal")

    events, _, _ = counted(
        system("erp-daphne.service: Failed with result 'exit-code'.", "4"),
        system("erp-daphne.service: Scheduled restart job, restart counter is at 1.", "6"),
        entry("Out of memory: Killed process 77 (python)", unit="", pid="", PRIORITY="3", _TRANSPORT="kernel"),
        entry("something else", unit="", pid="", PRIORITY="3", _TRANSPORT="kernel"),
    )
    assert events == {"UNIT-FAILED": 1, "OUT-OF-MEMORY": 1, "something else": 1}


def test_what_is_no_utf_8_and_what_is_no_entry() -> None:
    events, journal, _ = counted(
        entry(list(b"[2026-02-25 12:50:11] ERROR - deadlock detected \xff")),
        entry(None),
        b"no JSON\n",
        b"{}\n",
    )
    assert events == {"DB-DEADLOCK": 1}
    assert journal.unreadable == 2


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journalctl that prints what stands in two files: one of starts, one of everything."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *MESSAGE_ID=*) cat {tmp_path}/starts;; *) cat {tmp_path}/entries;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path


def test_the_role_keeps_the_ledger_of_patches_where_the_report_looks(repository: Path) -> None:
    tasks = (repository / "roles" / "erp_service" / "tasks" / "make_release.yml").read_text()
    assert f'ledger: "{{{{ __erp_service_release_directory }}}}/{PATCHES}"' in tasks


def test_one_pass_over_the_journal_with_restarts_and_fixes(journalctl: Path) -> None:
    starts = [("erp-daphne.service", -100), ("erp-daphne.service", 10), ("ssh.service", 20)]
    lines = [entry("", after=after, UNIT=unit) for unit, after in starts]
    (journalctl / "starts").write_bytes(b"".join(lines))
    product = "[2026-02-25 12:50:{:02d}] ERROR - 'NoneType' object has no attribute 'product'"
    (journalctl / "entries").write_bytes(b"".join(entry(product.format(second), after=second) for second in (11, 12)))
    tree = journalctl / "erp" / "releases" / "one" / "app"
    tree.mkdir(parents=True)
    (journalctl / "erp" / "current").symlink_to("releases/one")
    record = Record("BUG-017", parse(DIFF), (0,), "2026-02-25T12:50:15+00:00", "one", APPLIED, (("", ""),))
    (tree.parent / PATCHES).write_text(ledger.render([record]))
    given = Settings(timezone="UTC", application_directory=str(journalctl / "erp"))
    result = examine(given, Period(NOON - 1000, NOON + 1000))
    assert result.restart == NOON + 10
    assert [(one.time, one.kind, one.what) for one in result.happenings] == [
        (NOON - 100, START, "erp-daphne.service"),
        (NOON + 4, PATCH, "BUG-017"),
        (NOON + 10, START, "erp-daphne.service"),
    ]
    found = next(one for one in result.findings if one.key == "BUG-017")
    assert (found.events, found.before, found.after, found.fixed_at) == (2, 2, 0, NOON + 10)
    assert found.state == HOLDING
    assert [one.name for one in result.sources] == [JOURNAL]


def test_a_line_with_a_sign_has_the_journals_time() -> None:
    """As start scripts write it, and the old backup."""
    events, _, tally = counted(entry("❌ فشل في تشغيل Celery Worker", after=7), entry("✅ تم", after=9))
    assert events == {"BUG-014": 1}
    assert (tally.groups["BUG-014"].first, tally.groups["BUG-014"].undated) == (NOON + 7, 0)


def test_a_journal_that_says_nothing_is_told(journalctl: Path) -> None:
    (journalctl / "starts").touch()
    (journalctl / "entries").write_text("-- No entries --\n")
    result = examine(Settings(timezone="UTC"), Period(NOON - 1000, NOON))
    (told,) = (one for one in result.not_examined if one.name == JOURNAL)
    assert (told.why, told.absent) == ("it has no entries of this period", True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups",
            "this user sees its own messages only",
        ),
        ("No journal files were found.", "No journal files were found."),
        ("Journal file /j/a.journal is truncated, ignoring file.", "Journal file /j/a.journal is truncated"),
    ],
)
def test_a_journal_of_which_not_all_is_seen_is_told(journalctl: Path, said: str, why: str) -> None:
    (journalctl / "lines").write_bytes(entry("[2026-02-25 12:50:11] ERROR - deadlock detected"))
    (journalctl / "bin" / "journalctl").write_text(f"#!/bin/sh\necho '{said}' >&2\ncat {journalctl}/lines\n")
    result = examine(Settings(timezone="UTC"), Period(NOON - 1000, NOON + 1000))
    (told,) = (one for one in result.not_examined if one.name == JOURNAL)
    assert (told.why[: len(why)], told.absent) == (why, False)
    assert sum(one.events for one in result.findings) == 1


def test_an_entry_of_any_length_takes_bounded_memory(journalctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_io, "_LONGEST", 4096)
    (journalctl / "starts").touch()
    usual = entry("[2026-02-25 12:50:11] ERROR - deadlock detected")
    (journalctl / "entries").write_bytes(usual + entry("x" * 20_000) + usual)
    result = examine(Settings(timezone="UTC"), Period(NOON - 1000, NOON + 1000))
    assert [one.events for one in result.findings if one.events] == [2]
    assert [one.note for one in result.sources] == ["1 entries could not be read"]


def test_a_journal_that_fails_is_told_and_the_files_count(journalctl: Path) -> None:
    (journalctl / "bin" / "journalctl").write_text("#!/bin/sh\necho Failed to open the journal >&2\nexit 1\n")
    log = journalctl / "a.log"
    log.write_text("[2026-02-25 12:50:11] ERROR - deadlock detected\n")
    result = examine(Settings(timezone="UTC", files=[str(log)]), Period(NOON - 1000, NOON + 1000))
    assert {one.name: one.why for one in result.not_examined} == {
        JOURNAL: "Failed to open the journal",
        "starts of units": "Failed to open the journal",
    }
    assert [one.key for one in result.findings if one.events] == ["DB-DEADLOCK"]


def test_what_was_done_is_read_from_what_the_toolkit_wrote(tmp_path: Path) -> None:
    moment = datetime.fromtimestamp(NOON, UTC)
    erp = tmp_path / "erp"
    (erp / "releases").mkdir(parents=True)
    swap = {"time": moment.isoformat(), "name": "20260225T125011Z-301ad868", "before": "", "reason": "deploy"}
    (erp / "deployments.jsonl").write_text(json.dumps(swap) + "\n")
    (tmp_path / "restores").mkdir()
    restore = {"result": "restored", "began": "2026-02-25T12:50:12Z", "archive": {"path": "/b/backup.sql.gz"}}
    (tmp_path / "restores" / "1.json").write_text(json.dumps(restore))
    (tmp_path / "sequences").mkdir()
    repairs = (Repair("a_id_seq", "a", 1, 2), Repair("b_id_seq", "b", 1, 2))
    history_io.append(str(tmp_path / "sequences"), Check(moment, "fix", "crm", {}, (), repairs, ""), 400)
    given = Settings(
        application_directory=str(erp),
        restore_reports=str(tmp_path / "restores"),
        sequence_history=str(tmp_path / "sequences"),
    )
    found, missing = happenings_io.happenings(given, NOON - 10, NOON + 10)
    assert missing == []
    assert found == [
        Happening(NOON, DEPLOY, "20260225T125011Z-301ad868"),
        Happening(NOON, REPAIR, "2"),
        Happening(NOON + 1, RESTORE, "/b/backup.sql.gz"),
    ]
    assert happenings_io.happenings(given, NOON + 10, NOON + 20) == ([], [])


def test_migrations_are_on_the_time_line_from_rotated_logs_too(tmp_path: Path) -> None:
    log = tmp_path / "migrations.log"
    names = [f"orders.000{number}_ملاحظة" for number in range(1, 7)]
    told = json.dumps(names, ensure_ascii=False)
    with gzip.open(f"{log}-20260225-1.gz", "wt", encoding="utf-8") as packed:
        packed.write(f'2026-02-25T14:50:11+02:00 migrate database="crm" applied={told}\n2026-02-25T14:50:12+0')
    log.write_text(
        '2:00 migrate database="crm" applied=["a.0001_cut"]\n'
        '2026-02-25T12:50:13+00:00 migrate database="crm \\"new\\"" reversed=["orders.0006_x", "orders.0005_y"]\n'
        '2026-02-25T12:50:30+00:00 migrate database="crm" applied=["orders.0007_later"]'
    )
    given = Settings(migrations=str(log))
    assert happenings_io.happenings(given, NOON, NOON + 10) == (
        [
            Happening(NOON, MIGRATE, f"crm: {', '.join(names[:4])}, … (+2)"),
            Happening(NOON + 2, REVERSE, 'crm "new": orders.0006_x, orders.0005_y'),
        ],
        [],
    )
    assert [one.what for one in happenings_io.happenings(given, NOON + 15, NOON + 20)[0]] == ["crm: orders.0007_later"]
    assert happenings_io.happenings(Settings(migrations=f"{log}-of-nobody"), NOON, NOON + 10) == ([], [])


def test_a_log_of_migrations_that_ends_early_is_told(tmp_path: Path) -> None:
    packed = tmp_path / "migrations.log.1.gz"
    packed.write_bytes(gzip.compress(b"x" * 100)[:-9])
    log = str(tmp_path / "migrations.log")
    found, missing = happenings_io.happenings(Settings(migrations=log), NOON, NOON + 10)
    assert (found, [one.name for one in missing]) == ([], [log])
