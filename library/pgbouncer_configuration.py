#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes pgBouncer's configuration after a throwaway instance has proved it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pgbouncer_configuration
short_description: Prove, write and reload pgBouncer's configuration
description:
  - Starts a throwaway pgBouncer with the new configuration on a socket of its own. Only what it accepts replaces the
    old file; otherwise the module fails with pgBouncer's own words and nothing is changed.
  - Refuses pools that could open more connections than PostgreSQL has for them.
  - Reloads the running instance through its console, which tells of each setting whether a reload changes it. It never
    restarts; RV(restart_needed) names what waits for one.
version_added: "1.0.0"
requirements:
  - psycopg2 >= 2.8 and pgBouncer on the host that runs the module
options:
  settings:
    description: Settings of the [pgbouncer] section. One that the installed version lacks is refused.
    type: dict
    required: true
  optional_settings:
    description: Further ones, which are left out where the installed version lacks them.
    type: dict
    default: {}
  databases:
    description: The databases that clients may ask for.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name for clients, and on the server unless O(databases[].settings) has a C(dbname); V(*) is
          every database of the server.
        type: str
        required: true
      host:
        description: The server's host.
        type: str
        default: 127.0.0.1
      port:
        description: The server's port.
        type: int
        default: 5432
      settings:
        description: Whatever else may stand there, for example its C(pool_size).
        type: dict
        default: {}
  user_settings:
    description: Settings of the [users] section, by user.
    type: dict
    default: {}
  processes:
    description:
      - How many pgBouncers share the port of this host. Each but the first has its file beside O(path),
        C(process-2.ini) and so on; where the version knows peers they pass cancel requests on to each other.
    type: int
    default: 1
  secrets:
    description: Users of userlist.txt and their secrets; left out, that file is left alone.
    type: dict
  path:
    description: The configuration file.
    type: path
    default: /etc/pgbouncer/pgbouncer.ini
  userlist:
    description: The file of O(secrets).
    type: path
    default: /etc/pgbouncer/userlist.txt
  comment:
    description: First line of the file.
    type: str
    default: Written by pgbouncer_configuration. Changes made here are overwritten.
  run_as:
    description: OS user of pgBouncer's processes, who owns the files.
    type: str
    default: postgres
  program:
    description: The pgBouncer that is installed.
    type: path
    default: /usr/sbin/pgbouncer
  socket_directory:
    description: Folder of the Unix socket that all processes share; of several, each has its own in C(pgbouncer-1)
      and so on below it.
    type: path
    default: /var/run/postgresql
  port:
    description: Its port.
    type: int
    default: 6432
  users:
    description: Users who come through the pools, for the sum of the pools. Empty where they are not known.
    type: list
    elements: str
    default: []
  max_connections:
    description: PostgreSQL's C(max_connections). Left out, the sum of the pools is not checked.
    type: int
  reserved_connections:
    description: How many of them the pools must leave.
    type: int
    default: 0
  instances:
    description: How many hosts with this configuration stand in front of the same PostgreSQL.
    type: int
    default: 1
extends_documentation_fragment: [erp_ops]
attributes:
  check_mode:
    description: The proof is made as well; nothing is written or reloaded.
  diff_mode:
    support: full
    description: Shows the files. Secrets are not shown.
"""

EXAMPLES = r"""
- name: Configure pgBouncer
  become: true
  pgbouncer_configuration:
    settings:
      auth_type: scram-sha-256
      auth_file: /etc/pgbouncer/userlist.txt
      pool_mode: transaction
    databases:
      - name: crm_system
        settings: {host: 127.0.0.1, port: 5432}
    max_connections: 200
    reserved_connections: 10
"""

RETURN = r"""
version:
  description: The installed version.
  returned: success
  type: str
  sample: "1.18"
reloaded:
  description: Whether the running processes were reloaded (in check mode, whether they would be).
  returned: success
  type: bool
reload_needed:
  description: Which settings and databases the running one had otherwise before.
  returned: success
  type: list
  elements: str
restart_needed:
  description: Settings that hold only after a restart, by the running instance's own word.
  returned: success
  type: list
  elements: str
surplus:
  description: Numbers of the processes that are on this host and too many, the last one first; 1 where what the first
    has of its own beside others is not needed any more. The caller stops them and takes their folder and file away.
  returned: success
  type: list
  elements: int
pool_connections:
  description: How many connections all pools may open, and how many there are for them; null where not checked.
  returned: success
  type: dict
  sample: {needed: 50, available: 190}
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.pgbouncer import apply_io, processes_io, proof_io
from ansible.module_utils.erp_ops.pgbouncer import processes as processes_of
from ansible.module_utils.erp_ops.pgbouncer.configuration import (
    Configuration,
    database_of,
    refuse_newer,
    render,
    render_userlist,
    supported,
    without_secrets,
)
from ansible.module_utils.erp_ops.pgbouncer.pools import demand, refuse_too_many


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    version = proof_io.installed_version(options["program"])
    path, processes = Path(options["path"]), options["processes"]
    configuration = processes_of.with_peers(
        Configuration(
            settings=supported(options["optional_settings"], version) | options["settings"],
            databases=[database_of(**one) for one in options["databases"]],
            users=options["user_settings"],
        ),
        processes,
        version,
        options["socket_directory"],
        options["port"],
    )
    refuse_newer(configuration, version)
    pools = None
    if options["max_connections"] is not None:
        instances = options["instances"] * processes
        pools = demand(
            configuration,
            options["users"],
            instances=instances,
            max_connections=options["max_connections"],
            reserved=options["reserved_connections"],
        )
        refuse_too_many(pools, instances)
    userlist = None if options["secrets"] is None else render_userlist(options["secrets"])
    wanted = proof_io.prove(configuration, userlist, options["run_as"], options["program"])

    shown = {
        processes_of.file_of(path, number): render(processes_of.of_process(configuration, number), options["comment"])
        for number in range(processes_of.FIRST, processes + 1)
    }
    files = shown if userlist is None else shown | {Path(options["userlist"]): userlist}
    before = {file: apply_io.read(file) for file in files}
    stale = {file: text for file, text in files.items() if before[file] != text}
    here = apply_io.places(options["socket_directory"], options["port"], options["run_as"])
    done = apply_io.bring(
        [place for place in here if place.number <= processes],
        wanted,
        stale,
        options["run_as"],
        check_mode=check_mode,
    )
    return {
        "changed": bool(stale) or done.reloaded,
        "diff": [
            {
                "before_header": str(file),
                "after_header": str(file),
                "before": without_secrets(before[file]),
                "after": without_secrets(text),
            }
            for file, text in shown.items()
        ],
        "version": f"{version[0]}.{version[1]}",
        "reloaded": done.reloaded,
        "reload_needed": list(done.before.reload),
        "restart_needed": list(done.left.restart),
        "surplus": processes_of.surplus(
            processes, processes_io.names_in(options["socket_directory"]), processes_io.names_in(path.parent)
        ),
        "pool_connections": None if pools is None else {"needed": pools.needed, "available": pools.available},
        "warnings": list(wanted.warnings),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "optional_settings": {"type": "dict", "default": {}},
            "databases": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "host": {"type": "str", "default": "127.0.0.1"},
                    "port": {"type": "int", "default": 5432},
                    "settings": {"type": "dict", "default": {}},
                },
            },
            "user_settings": {"type": "dict", "default": {}},
            "processes": {"type": "int", "default": 1},
            "secrets": {"type": "dict", "no_log": True},
            "path": {"type": "path", "default": "/etc/pgbouncer/pgbouncer.ini"},
            "userlist": {"type": "path", "default": "/etc/pgbouncer/userlist.txt"},
            "comment": {
                "type": "str",
                "default": "Written by pgbouncer_configuration. Changes made here are overwritten.",
            },
            "run_as": {"type": "str", "default": "postgres"},
            "program": {"type": "path", "default": proof_io.PROGRAM},
            "socket_directory": {"type": "path", "default": "/var/run/postgresql"},
            "port": {"type": "int", "default": 6432},
            "users": {"type": "list", "elements": "str", "default": []},
            "max_connections": {"type": "int"},
            "reserved_connections": {"type": "int", "default": 0},
            "instances": {"type": "int", "default": 1},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
