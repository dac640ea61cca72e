# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job gives back, by the real ``ansible-playbook`` and ``ansible-runner``, on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

PROGRAMS = Path(sys.executable).parent
PLAY = """
- hosts: fleet
  gather_facts: false
  tasks:
    - ansible.builtin.import_tasks: {repository}/playbooks/tasks/job.yml
      vars:
        job: example
        job_tasks: {folder}/work.yml
        job_result: "{{{{ {{'measured': measured.stdout}} if measured.stdout is defined else {{}} }}}}"
        job_must_act: "{{{{ ['Look at it.'] if measured.stdout | default('') == 'look' else [] }}}}"
"""
WORK = """
- ansible.builtin.command: {argv: [echo, "{{ says }}"]}
  register: measured
  changed_when: false
- ansible.builtin.fail: {msg: "It is broken."}
  when: measured.stdout == 'broken'
"""


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    """A project with a fleet of four: well, to be looked at, broken, and one that nobody reaches."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {name: {**here, "says": name} for name in ("look", "broken", "well")}
    away = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1, "says": "away"}
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"fleet": {"hosts": {"away": away, **hosts}}}))
    (project / "play.yml").write_text(PLAY.format(repository=repository, folder=project))
    (project / "work.yml").write_text(WORK)
    return tmp_path


def environment(repository: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(repository / "ansible.cfg"),
    }


def artifact(repository: Path, folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit status of the job and its artifact, as AWX takes it from the stream of ansible-runner."""
    (folder / "env").mkdir(exist_ok=True)
    (folder / "env" / "cmdline").write_text(" ".join(arguments))
    runner = [str(PROGRAMS / "ansible-runner")]
    ways = {"env": environment(repository, folder), "capture_output": True, "timeout": 200}
    sent = subprocess.run(
        [*runner, "transmit", str(folder), "--playbook", "play.yml"], cwd=folder, check=True, **ways
    ).stdout
    (folder / "worker").mkdir()
    worked = subprocess.run(
        [*runner, "worker", "--private-data-dir", str(folder / "worker")], input=sent, check=False, **ways
    ).stdout
    processed = folder / "processed"
    processed.mkdir()
    subprocess.run([*runner, "process", str(processed)], input=worked, check=True, **ways)
    events = [json.loads(path.read_text()) for path in processed.glob("artifacts/**/job_events/*.json")]
    (ended,) = [event for event in events if event["event"] == "playbook_on_stats"]
    (status,) = [int(path.read_text()) for path in processed.glob("artifacts/**/rc")]
    return status, ended["event_data"]["artifact_data"]


def test_one_bad_host_stops_no_other_and_is_named(repository: Path, folder: Path) -> None:
    status, told = artifact(repository, folder)
    assert status == 4  # of failed and unreachable hosts Ansible tells the second
    assert told == {
        "erp_job": {
            "job": "example",
            "check_mode": False,
            "hosts": {
                "away": {"outcome": "unfinished"},
                "broken": {"outcome": "failed", "reasons": ["It is broken."], "result": {"measured": "broken"}},
                "look": {"outcome": "attention", "reasons": ["Look at it."], "result": {"measured": "look"}},
                "well": {"outcome": "done", "result": {"measured": "well"}},
            },
        }
    }


def test_a_limit_and_check_mode_are_told_and_a_job_without_trouble_succeeds(repository: Path, folder: Path) -> None:
    status, told = artifact(repository, folder, "--limit", "well", "--check")
    assert status == 0
    assert told == {
        "erp_job": {
            "job": "example",
            "check_mode": True,
            "hosts": {"well": {"outcome": "done", "result": {"measured": ""}}},
        }
    }
