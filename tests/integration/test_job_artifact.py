# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job gives back, by the real ``ansible-playbook`` and ``ansible-runner``, on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from tests import runner_jobs

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
    data = tmp_path / "job"
    project = data / "project"
    runner_jobs.copy_project(project)
    (data / "inventory").mkdir()
    (data / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"fleet": {"hosts": {"away": away, **hosts}}}))
    (project / "play.yml").write_text(PLAY.format(repository=repository, folder=project))
    (project / "work.yml").write_text(WORK)
    return data


def test_one_bad_host_stops_no_other_and_is_named(folder: Path) -> None:
    ended = runner_jobs.run(folder, "play.yml")
    assert ended.status == 4  # of failed and unreachable hosts Ansible tells the second
    assert ended.artifact == {
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


def test_a_limit_and_check_mode_are_told_and_a_job_without_trouble_succeeds(folder: Path) -> None:
    ended = runner_jobs.run(folder, "play.yml", arguments="--limit well --check")
    assert ended.status == 0
    assert ended.artifact == {
        "erp_job": {
            "job": "example",
            "check_mode": True,
            "hosts": {"well": {"outcome": "done", "result": {"measured": ""}}},
        }
    }


def test_a_schedule_is_a_job_with_its_own_answers() -> None:
    survey = [{"variable": "since", "default": "1d"}, {"variable": "until", "default": ""}]
    template = {
        "name": "Report",
        "playbook": "playbooks/incident-report.yml",
        "survey": survey,
        "extra_vars": {"more": 1},
    }
    schedule = {"name": "weekly", "unified_job_template": "Report", "extra_data": {"since": "7d"}}
    assert list(runner_jobs.jobs([template], [schedule, {"name": "x", "unified_job_template": "Other"}])) == [
        ("Report", "playbooks/incident-report.yml", {"more": 1, "since": "1d", "until": ""}),
        ("Report, weekly", "playbooks/incident-report.yml", {"more": 1, "since": "7d", "until": ""}),
    ]
