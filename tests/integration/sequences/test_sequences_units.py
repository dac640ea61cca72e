# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of the role as it renders them: systemd understands them, and they are locked up as the others are."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erp_ops.sequences.command.settings import load_settings

from tests import playbook_runs

# A server's version changes nothing here.
pytestmark = pytest.mark.one_server

PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: sequences, tasks_from: preflight_service, public: true}
    - ansible.builtin.template:
        src: "{{ playbook_dir }}/templates/{{ item }}.j2"
        dest: "{{ playbook_dir }}/{{ item }}"
        mode: "0644"
      loop: "{{ __sequences_units }}"
    - ansible.builtin.copy:
        content: "{{ __sequences_settings | to_nice_json(sort_keys=true, ensure_ascii=false) }}\\n"
        dest: "{{ playbook_dir }}/sequences.json"
        mode: "0644"
"""
Render = Callable[..., Path]
MAIL = {"sequences_mail_host": "mail", "sequences_mail_from": "a@b", "sequences_mail_to": ["c@d"]}
ELSEWHERE = {"sequences_login_host": "db.example.com"}
IN_A_HOME = {"sequences_log_directory": "/home/erp/homeupdate/media/logs"}


def play(folder: Path, repository: Path, **variables: Any) -> playbook_runs.Ended:
    (folder / "play.yml").write_text(PLAY)
    if not (folder / "templates").exists():
        (folder / "templates").symlink_to(repository / "roles/sequences/templates")
    given = json.dumps(playbook_runs.HERE | {"sequences_database": "crm_system"} | variables)
    return playbook_runs.run(str(folder / "play.yml"), "-e", given, home=folder)


@pytest.fixture
def render(repository: Path, tmp_path: Path) -> Render:
    """``render(**variables)`` gives the folder of the units."""

    def make(**variables: Any) -> Path:
        done = play(tmp_path, repository, **variables)
        assert done.status == 0, done.output
        return tmp_path

    return make


def option(unit: Path, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith(f"{name}=")]


@pytest.mark.parametrize("variables", [{}, MAIL, ELSEWHERE, IN_A_HOME], ids=["socket", "mail", "elsewhere", "home"])
def test_systemd_understands_them_and_they_are_locked_up(render: Render, variables: dict[str, Any]) -> None:
    folder = render(**variables)
    services = sorted(folder.glob("*.service"))
    assert len(services) == (4 if "sequences_login_host" in variables else 5)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *services, *folder.glob("*.timer")],
        capture_output=True,
        text=True,
        check=False,
    )
    # Of the programs that the units start, none is installed here.
    assert [line for line in verified.stderr.splitlines() if "is not executable" not in line] == []
    for service in services:
        rated = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", service]
        done = subprocess.run(rated, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_a_folder_that_is_gone_keeps_no_unit_from_starting_and_from_saying_so(render: Render) -> None:
    """systemd starts nothing whose ReadWritePaths= are not there: no check, and no alert that there was none."""
    folder = render(**MAIL, sequences_metrics_file="/var/lib/prometheus/node-exporter/erp_sequences.prom")
    for unit in ("erp-sequences-monitor.service", "erp-sequences-failed@.service"):
        paths = option(folder / unit, "ReadWritePaths")
        assert "-/var/lib/prometheus/node-exporter" in paths
        assert all(path.startswith("-/") for path in paths)


def test_settings_that_come_as_text_are_what_the_command_reads(render: Render) -> None:
    """From a command line or AWX all are text; in an inventory one recipient is easily no list."""
    given = {
        "sequences_mail_host": "mail",
        "sequences_mail_port": "25",
        "sequences_mail_from": "a@b",
        "sequences_mail_to": "one@example.org, two@example.org",
        "sequences_alert_reminder_hours": "12",
        "sequences_report_html": "false",
        "sequences_limit_warning": "0.5",
        "sequences_login_port": "6000",
    }
    settings = load_settings(str(render(**given) / "sequences.json"))
    assert settings.mail_to == ["one@example.org", "two@example.org"]
    assert (settings.mail_port, settings.alert_reminder_hours, settings.report_html) == (25, 12, False)
    assert (settings.limit_warning, settings.login_port) == (0.5, 6000)


def test_only_what_talks_to_others_has_a_network(render: Render) -> None:
    folder = render(**MAIL)
    isolated = {unit.stem for unit in folder.glob("*.service") if option(unit, "PrivateNetwork") == ["true"]}
    assert isolated == {"erp-sequences-auto", "erp-sequences-export", "erp-sequences-grants"}


def test_without_anybody_to_alert_nothing_tries_to(render: Render) -> None:
    folder = render()
    assert [unit for unit in folder.glob("*.service") if option(unit, "OnFailure")] == []
    (command,) = option(folder / "erp-sequences-monitor.service", "ExecStart")
    assert command == "/usr/local/bin/erp-sequences monitor --report-file /var/lib/erp-sequences/latest.json"


def test_a_failure_alerts_but_of_what_alerts_itself_and_of_the_alert(render: Render) -> None:
    folder = render(**MAIL)
    assert "--email-alerts" in option(folder / "erp-sequences-monitor.service", "ExecStart")[0]
    alerted = {unit.stem for unit in folder.glob("*.service") if option(unit, "OnFailure")}
    assert alerted == {"erp-sequences-auto", "erp-sequences-export", "erp-sequences-monitor"}
    for name in alerted:
        unit = folder / f"{name}.service"
        assert option(unit, "OnFailure") == ["erp-sequences-failed@%n.service"]
        assert "143" in option(unit, "SuccessExitStatus")[0].split()
    assert option(folder / "erp-sequences-failed@.service", "ExecStart") == ["/usr/local/bin/erp-sequences failed %i"]


def test_an_alert_that_a_unit_failed_is_tried_again_for_hours_and_waits_for_no_restore(render: Render) -> None:
    """The unit that failed may start again tomorrow only, and a mail server be away tonight."""
    unit = render(**MAIL) / "erp-sequences-failed@.service"
    assert option(unit, "Restart") == ["on-failure"]
    (seconds,), (interval,), (burst,) = (
        option(unit, name) for name in ("RestartSec", "StartLimitIntervalSec", "StartLimitBurst")
    )
    assert (seconds, interval, burst) == ("15min", "6h", "24")
    assert option(unit, "ExecCondition") == []


def test_the_monitors_interval_and_the_others_times(render: Render) -> None:
    folder = render(sequences_monitor_interval="15", sequences_auto_fix_schedule="daily")
    assert option(folder / "erp-sequences-monitor.timer", "OnUnitActiveSec") == ["15min"]
    assert option(folder / "erp-sequences-monitor.timer", "RandomizedDelaySec") == ["90"]
    assert option(folder / "erp-sequences-auto.timer", "OnCalendar") == ["daily"]
    assert option(folder / "erp-sequences-export.timer", "OnCalendar") == ["*-*-* 03:00:00"]


def test_a_run_during_a_cutover_is_left_out(render: Render, tmp_path: Path) -> None:
    (condition,) = option(render() / "erp-sequences-monitor.service", "ExecCondition")
    marker = tmp_path / "marker"
    command = shlex.split(condition.replace("$$", "$").replace("/run/erp-sequences-restore", str(marker)))

    def runs() -> bool:
        return subprocess.run(command, check=False).returncode == 0

    assert runs()
    marker.touch()
    now = marker.stat().st_mtime
    for minutes, wanted in ((0, False), (29, False), (31, True)):
        os.utime(marker, (now - minutes * 60,) * 2)
        assert runs() is wanted, minutes


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"sequences_auto_fix": "true"}, "the role erp-sequences may only look. Name the owner of the sequences in"),
        (
            {"sequences_mail_host": "mail", "sequences_mail_from": "a@b"},
            "sequences_mail_to is empty. Give both, or",
        ),
        ({"sequences_monitor_interval": "0"}, "sequences_monitor_interval is 0. Give minutes, 1 or more;"),
    ],
)
def test_what_cannot_work_is_refused(
    repository: Path, tmp_path: Path, variables: dict[str, Any], sentence: str
) -> None:
    done = play(tmp_path, repository, **variables)
    assert done.status == 2
    assert sentence in done.folded


@pytest.mark.parametrize(("written", "status", "exit_status"), [(True, 2, 0), (False, 3, 3), (False, 0, 3)])
def test_an_export_counts_when_its_file_is_written(
    repository: Path, tmp_path: Path, written: bool, status: int, exit_status: int
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    old, recent = exports / "sequences-2020-01-01.json", exports / "sequences-2020-01-02.json"
    for path, days in ((old, 100), (recent, 10)):
        path.write_text("{}")
        os.utime(path, (path.stat().st_mtime - days * 86400,) * 2)
    fake = tmp_path / "erp-sequences"
    fake.write_text(f"#!/bin/sh\n{'echo {} > $3' if written else ':'}\nexit {status}\n")
    fake.chmod(0o755)
    script = (repository / "roles/sequences/files/export_sequences").read_text()
    program = tmp_path / "export_sequences"
    program.write_text(script.replace("/usr/local/bin/erp-sequences", str(fake)))
    done = subprocess.run(["sh", str(program), str(exports), "90"], capture_output=True, text=True, check=False)
    assert done.returncode == exit_status, done.stderr
    left = sorted(path.name for path in exports.iterdir())
    assert len(left) == 2
    assert old.exists() is not written
    assert not any(name.endswith(".new") for name in left)
