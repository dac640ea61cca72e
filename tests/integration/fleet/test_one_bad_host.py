# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts, by the real ``ansible-playbook``: one that is away and one whose server is down stop no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import playbook_runs
from tests.throwaway_postgresql import Database, free_port

# A server's version changes nothing here.
pytestmark = pytest.mark.one_server

# The check of playbooks/sequences.yml without its packages, which a test machine has not.
CHECK = """
- hosts: postgresql
  gather_facts: false
  tasks:
    - ansible.builtin.import_tasks: {repository}/playbooks/tasks/job.yml
      vars:
        job: sequences
        job_role: sequences
        job_steps: [preflight, act]
        job_result: >-
          {{{{ {{'total': sequences_result.summary.total}} if sequences_result.summary is defined else {{}} }}}}
"""
# Port 9 of the loopback is refused at once.
UNREACHABLE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}


def inventory(folder: Path, hosts: dict[str, dict[str, Any]], **everywhere: Any) -> Path:
    children = {group: {"hosts": dict(hosts)} for group in ("postgresql", "application")}
    path = folder / "hosts.yml"
    path.write_text(yaml.dump({"all": {"children": children, "vars": playbook_runs.HERE | everywhere}}))
    return path


def play(path: Path, playbook: str, *options: str) -> playbook_runs.Ended:
    shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    return playbook_runs.run("-i", str(path), playbook, *options, home=path.parent, **shown)


def recap(said: str) -> dict[str, tuple[bool, bool]]:
    """By host: whether it was unreachable, and whether it failed."""
    found = re.findall(r"^(\S+)\s+: ok=\d+\s+changed=\d+\s+unreachable=(\d+)\s+failed=(\d+)", said, re.MULTILINE)
    return {name: (away != "0", bad != "0") for name, away, bad in found}


@pytest.mark.parametrize("forks", [1, 5])
def test_a_check_goes_on_without_the_bad_hosts_and_names_them(
    forks: int, database: Database, repository: Path, tmp_path: Path
) -> None:
    database.execute("CREATE TABLE a (id serial PRIMARY KEY); INSERT INTO a DEFAULT VALUES")
    server = {"sequences_login_host": database.cluster.socket_dir, "sequences_login_port": database.cluster.port}
    hosts = {
        "away": {**server, **UNREACHABLE},
        "down": {**server, "sequences_login_port": free_port()},
        "good1": server,
        "good2": server,
    }
    (tmp_path / "check.yml").write_text(CHECK.format(repository=repository))
    path = inventory(tmp_path, hosts, sequences_database=database.name, sequences_login_user=database.cluster.superuser)
    status, said = play(path, str(tmp_path / "check.yml"), "--forks", str(forks))
    assert status == 4, said  # ansible-playbook's own for a host that could not be reached
    assert recap(said) == {
        "away": (True, False),
        "down": (False, True),
        "good1": (False, False),
        "good2": (False, False),
    }
    artifact = said.rpartition("CUSTOM STATS")[2]
    outcomes = {"away": "unfinished", "down": "failed", "good1": "done", "good2": "done"}
    assert dict(re.findall(r"(\w+): +outcome: (\w+)", artifact)) == outcomes
    assert re.search(r"down: +outcome: failed +reasons: +- 'cannot connect to database", artifact)
    assert artifact.count("total: 1") == 2


def test_the_incident_report_is_written_without_the_bad_host_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("[2026-02-25 12:53:07] ERROR - deadlock detected\n")
    path = inventory(
        tmp_path,
        {"away": UNREACHABLE, "good1": {}},
        incident_report_files=[f"{tmp_path}/logs/*.log"],
        incident_report_journal=False,
        incident_report_timezone="Africa/Cairo",
        incident_report_directory=str(tmp_path / "reports"),
        incident_report_state_directory="",
    )
    period = ["-e", "incident_report_since=2026-02-25", "-e", "incident_report_until=2026-02-27"]
    show = ["-e", "incident_report_show=true"]
    status, said = play(path, "playbooks/incident-report.yml", *period, *show)
    assert status != 0
    assert recap(said)["away"] == (True, False)
    (written,) = (tmp_path / "reports").glob("*.en.md")
    text = written.read_text(encoding="utf-8")
    assert "DB-DEADLOCK" in text
    assert "DB-DEADLOCK" in said
    assert re.search(r"\| `away` \| `\*` \| the host could not be asked", text)


@pytest.mark.parametrize("name", ["sequences", "status", "incident-report", "backup", "stock-audit"])
def test_what_looks_at_hosts_or_acts_on_each_alone_lets_no_host_stop_the_others(name: str, repository: Path) -> None:
    for play_ in yaml.safe_load((repository / "playbooks" / f"{name}.yml").read_text()):
        assert not play_.get("any_errors_fatal"), play_["name"]
        assert "max_fail_percentage" not in play_, play_["name"]
        assert "serial" not in play_, play_["name"]


@pytest.mark.parametrize("name", ["deploy", "rollback", "restart"])
def test_what_changes_hosts_that_belong_together_stops_at_the_first_failure(name: str, repository: Path) -> None:
    plays = yaml.safe_load((repository / "playbooks" / f"{name}.yml").read_text())
    assert any(one.get("any_errors_fatal") or one.get("max_fail_percentage") == 0 for one in plays)
