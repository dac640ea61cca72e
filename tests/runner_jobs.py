# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX feeds them to its nodes: ``ansible-runner transmit | worker | process``.

``python -m tests.runner_jobs SETTINGS.json`` runs every job template of ``inventory/awx`` with what its survey and its
schedules give, one after the other, and says what came of each; molecule/awx/verify.yml writes the settings.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.repository import REPOSITORY

PROGRAMS = Path(sys.executable).parent
# What a project in AWX has of the repository, that a job reads.
PROJECT = (
    "ansible.cfg",
    "*.yml",
    "*_plugins",
    "doc_fragments",
    "inventory",
    "library",
    "module_utils",
    "playbooks",
    "roles",
)
SECONDS = 3600
# What AWX sets for a job (awx/main/tasks/jobs.py): folders for what comes from Galaxy stand before the project's.
ENVIRONMENT = {
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "ANSIBLE_ROLES_PATH": "/runner/requirements_roles:roles:~/.ansible/roles:/usr/share/ansible/roles",
    "ANSIBLE_COLLECTIONS_PATH": "/runner/requirements_collections:~/.ansible/collections",
}


@dataclass(frozen=True)
class Ended:
    """What AWX shows of a job: the exit status, the artifact, the output."""

    status: int
    artifact: dict[str, Any]
    output: str


def run(
    data: Path, playbook: str, *, arguments: str = "", variables: Mapping[str, Any] | None = None, image: str = ""
) -> Ended:
    """Run a job of the private data directory ``data``, in the execution environment ``image`` or on this machine.

    ``arguments``: further words of ansible-playbook's command line. Raises CalledProcessError where the stream breaks.
    """
    (data / "env").mkdir(exist_ok=True)
    (data / "env" / "cmdline").write_text(arguments)
    (data / "env" / "extravars").write_text(json.dumps(dict(variables or {})))
    (data / "env" / "envvars").write_text(json.dumps(ENVIRONMENT))
    away, back = data.with_name(f"{data.name}-worker"), data.with_name(f"{data.name}-processed")
    for folder in (away, back):
        _remove(folder)
        folder.mkdir()
    # The worker has what AWX gives it, and nothing of whoever tests.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ERP_OPS_", "MOLECULE_"))
    }
    environment |= {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    worker = ["ansible-runner", "worker", "--private-data-dir"]
    if image:
        podman = [str(REPOSITORY / "containers" / "podman"), "run", "--rm", "--interactive", "--network", "host"]
        worker = [*podman, image, *worker, "/runner"]
    else:
        worker.append(str(away))
    stream = b""
    for command in (["ansible-runner", "transmit", str(data), "--playbook", playbook], worker,
                    ["ansible-runner", "process", str(back)]):  # fmt: skip
        done = subprocess.run(command, input=stream, env=environment, capture_output=True, timeout=SECONDS, check=False)
        if done.returncode and command is not worker:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        stream = done.stdout
    events = [json.loads(path.read_text()) for path in back.glob("artifacts/**/job_events/*.json")]
    (artifact,) = [one["event_data"].get("artifact_data", {}) for one in events if one["event"] == "playbook_on_stats"]
    (status,) = [int(path.read_text()) for path in back.glob("artifacts/**/rc")]
    (output,) = [path.read_text() for path in back.glob("artifacts/**/stdout")]
    return Ended(status, artifact, output)


def jobs(templates: list[dict[str, Any]], schedules: list[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, playbook, extra variables: each template as its survey's defaults give them, and as each schedule does."""
    for template in templates:
        given = dict(template.get("extra_vars", {}))
        given |= {one["variable"]: one["default"] for one in template.get("survey", [])}
        yield template["name"], template["playbook"], given
        for schedule in schedules:
            if schedule["unified_job_template"] == template["name"]:
                yield (
                    f"{template['name']}, {schedule['name']}",
                    template["playbook"],
                    given | schedule.get("extra_data", {}),
                )


def write_inventory(folder: Path, inventory: Path, hosts: Mapping[str, Mapping[str, Any]]) -> None:
    """An inventory as AWX hands it on: read by ``ansible-inventory`` without a secret, printed by a program in
    ``folder``, beside which none of the inventory's other files lies. ``hosts``: further variables of hosts.

    Raises CalledProcessError where it cannot be read without a secret.
    """
    read = subprocess.run(
        [str(PROGRAMS / "ansible-inventory"), "-i", str(inventory), "--list", "--export"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=SECONDS, check=True,
    )  # fmt: skip
    content = json.loads(read.stdout)
    for host, variables in hosts.items():
        content["_meta"]["hostvars"].setdefault(host, {}).update(variables)
    folder.mkdir(parents=True)
    program = folder / "hosts"
    program.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(content)!r})\n")
    program.chmod(0o700)


def copy_project(project: Path) -> None:
    """What AWX takes from the repository."""
    project.mkdir(parents=True)
    for pattern in PROJECT:
        for path in REPOSITORY.glob(pattern):
            if path.is_dir():
                shutil.copytree(path, project / path.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, project)


def _remove(folder: Path) -> None:
    """What an earlier job has left."""
    if folder.exists():
        shutil.rmtree(folder)


def lay_out(data: Path, inventory: Path, host: str, reach: Mapping[str, Any], key: Path) -> None:
    """Make the private data directory: the project, the inventory with a way to ``host``, the credential."""
    _remove(data)
    copy_project(data / "project")
    write_inventory(data / "inventory", inventory, {host: reach})
    (data / "env").mkdir()
    (data / "env" / "ssh_key").write_text(key.read_text())


def wrong(ended: Ended, playbook: str, *, fails: bool) -> list[str]:
    """What is not as docs/unattended.md says."""
    told = ended.artifact.get("erp_job", {})
    outcomes = {host: one["outcome"] for host, one in told.get("hosts", {}).items()}
    found = []
    if told.get("job") != Path(playbook).stem:
        found.append(f"the artifact is {ended.artifact}")
    if not outcomes or (ended.status == 0) != (set(outcomes.values()) == {"done"}):
        found.append(f"exit status {ended.status} with outcomes {outcomes}")
    if ("failed" in outcomes.values()) != fails:
        found.append(f"it was to {'fail' if fails else 'work'}, and ended with {outcomes}")
    if fails and not all(one.get("reasons") for one in told.get("hosts", {}).values()):
        found.append("it failed without a reason")
    return found


def main(path: str) -> int:
    """Run all; exit status 1 when one was not as it must be."""
    settings = json.loads(Path(path).read_text())
    data = Path(settings["data"])
    lay_out(data, Path(settings["inventory"]), settings["host"], settings["reach"], Path(settings["key"]))
    every = list(jobs(settings["templates"], settings["schedules"]))
    every.append(("A restore of nothing", "restore.yml", {"restore_archive": "/nowhere.sql"}))
    bad = 0
    for name, playbook, variables in every:
        ended = run(data, playbook, variables=variables, image=settings["image"])
        found = wrong(ended, playbook, fails=name in settings["fail"])
        told = ended.artifact.get("erp_job", {}).get("hosts", {})
        reasons = [reason for one in told.values() for reason in one.get("reasons", [])]
        print(
            f"{'WRONG' if found else 'ok   '} {name}: exit status {ended.status}. {'; '.join(found + reasons)}",
            flush=True,
        )
        if found:
            bad += 1
            print(ended.output, flush=True)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
