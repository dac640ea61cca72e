#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says what a server that runs the old way has, what a takeover would change, and what speaks against it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: legacy_server_info
short_description: Look at a server that runs the application the old way
description:
  - Reads the unit and its script, the checkout, its environment, pgbouncer.ini, the live database, processes, cron.
  - Compares them with what the inventory wants, and returns one finding for each thing that stays, changes, or speaks
    against a takeover. Changes nothing. Returns names of settings, never the values of an environment.
version_added: "1.0.0"
options:
  unit:
    description: The unit that starts the whole application today.
    type: str
    required: true
  directory:
    description: The checkout that serves today.
    type: path
    required: true
  environment_file:
    description: The file of its environment.
    type: path
    required: true
  environment:
    description: The environment that the inventory would write, name and value. The task that names it needs no_log.
    type: dict
    required: true
  environment_dropped:
    description: Names that may be lost.
    type: list
    elements: str
    default: []
  pgbouncer_directory:
    description: Where the hand-written pgbouncer.ini and userlist.txt are, or their copies.
    type: path
    default: /etc/pgbouncer
  pgbouncer_databases:
    description: Databases that the new pgBouncer offers.
    type: list
    elements: str
    required: true
  pgbouncer_users:
    description: Users that it lets in.
    type: list
    elements: str
    required: true
  pgbouncer_settings:
    description: Its other settings.
    type: dict
    required: true
  database:
    description: The live database.
    type: str
    required: true
  role:
    description: The role that the application shall log in as.
    type: str
    required: true
  locale:
    description: The locale that the inventory wants of the database.
    type: str
    required: true
  target_directory:
    description: The application's new home.
    type: path
    required: true
  repository:
    description: Where the code comes from.
    type: str
    required: true
  version:
    description: Branch, tag or commit.
    type: str
    required: true
  port:
    description: The web server's port.
    type: int
    required: true
  accept:
    description: Keys of refusals that the operator accepts.
    type: list
    elements: str
    default: []
  taken_over:
    description: When a takeover began, empty where none has.
    type: str
    default: ""
extends_documentation_fragment: [erp_ops.reads_only]
"""

EXAMPLES = r"""
- name: Look at the server
  become: true
  no_log: true
  legacy_server_info:
    unit: run-production.service
    directory: /home/ops/homeupdate
    environment_file: /home/ops/homeupdate/.env
    environment: {SECRET_KEY: "{{ vault_secret_key }}"}
    pgbouncer_databases: [crm_system]
    pgbouncer_users: [erp]
    pgbouncer_settings: {pool_mode: transaction}
    database: crm_system
    role: erp
    locale: C.UTF-8
    target_directory: /srv/erp
    repository: https://git.example.com/el-khawaga/homeupdate.git
    version: main
    port: 8000
"""

RETURN = r"""
findings:
  description: What was found, in the order in which a takeover meets it.
  returned: success
  type: list
  elements: dict
  contains:
    subject: {description: What it is about., type: str}
    found: {description: What is there., type: str}
    change: {description: "What becomes of it, or what to do.", type: str}
    verdict: {description: "One of keeps, changes, warning, refusal.", type: str}
    key: {description: Name under which the refusal can be accepted., type: str}
refusals:
  description: Those findings that must be put right or accepted first.
  returned: success
  type: list
  elements: dict
user:
  description: The login user that the old application runs as.
  returned: success
  type: str
old_role:
  description: The role that the old application logs in as.
  returned: success
  type: str
files:
  description: Files of the old way that a takeover must keep copies of.
  returned: success
  type: list
  elements: str
unit_active:
  description: Whether the old unit runs.
  returned: success
  type: bool
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.adoption.facts_io import commit_of, gather
from ansible.module_utils.erp_ops.adoption.judge import judge, refusals
from ansible.module_utils.erp_ops.adoption.model import Target
from ansible.module_utils.erp_ops.module_end import end_module


def run(options: dict[str, Any]) -> dict[str, Any]:
    facts = gather(
        unit=options["unit"],
        directory=options["directory"],
        environment_file=options["environment_file"],
        new_environment={name: str(value) for name, value in options["environment"].items()},
        pgbouncer_directory=options["pgbouncer_directory"],
        database=options["database"],
        port=options["port"],
        target_directory=options["target_directory"],
        taken_over=options["taken_over"],
    )
    findings = judge(
        facts,
        Target(
            directory=options["target_directory"],
            version=options["version"],
            commit=commit_of(options["repository"], options["version"]),
            port=options["port"],
            role=options["role"],
            locale=options["locale"],
            pgbouncer_databases=tuple(options["pgbouncer_databases"]),
            pgbouncer_users=tuple(options["pgbouncer_users"]),
            pgbouncer_settings={name: str(value) for name, value in options["pgbouncer_settings"].items()},
            environment_dropped=tuple(options["environment_dropped"]),
            accept=tuple(options["accept"]),
        ),
    )
    pool = Path(options["pgbouncer_directory"])
    files = [facts.unit_file, facts.script, facts.environment_file, *map(str, sorted(pool.glob("*")))]
    return {
        "changed": False,
        "findings": [asdict(finding) for finding in findings],
        "refusals": [asdict(finding) for finding in refusals(findings)],
        "user": facts.code.user,
        "old_role": facts.old_role,
        "files": [name for name in files if name and Path(name).is_file()],
        "unit_active": facts.unit_state == "active",
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "unit": {"type": "str", "required": True},
            "directory": {"type": "path", "required": True},
            "environment_file": {"type": "path", "required": True},
            # no_log here would blot every value out of the findings, "6432" too. The task must carry it.
            "environment": {"type": "dict", "required": True, "no_log": False},
            "environment_dropped": {"type": "list", "elements": "str", "default": []},
            "pgbouncer_directory": {"type": "path", "default": "/etc/pgbouncer"},
            "pgbouncer_databases": {"type": "list", "elements": "str", "required": True},
            "pgbouncer_users": {"type": "list", "elements": "str", "required": True},
            "pgbouncer_settings": {"type": "dict", "required": True},
            "database": {"type": "str", "required": True},
            "role": {"type": "str", "required": True},
            "locale": {"type": "str", "required": True},
            "target_directory": {"type": "path", "required": True},
            "repository": {"type": "str", "required": True},
            "version": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "accept": {"type": "list", "elements": "str", "default": []},
            "taken_over": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
