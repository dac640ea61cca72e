#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks, before anything changes, whether an archive can be restored over a database."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_restore_preflight
short_description: Check whether an inspected archive can be restored over a database
description:
  - Asks the server about its version, roles, extensions, disk, prepared transactions and other restores, and judges
    them against an archive that M(postgresql_archive_info) has inspected.
  - Reads only. What is found never fails the module; the caller decides by RV(refusals).
  - A check that could not be made counts as a refusal, never as passed.
version_added: "1.0.0"
options:
  archive:
    description:
      - The archive, as M(postgresql_archive_info) returns it. Without one, as for a rollback, only the server and the
        pool are judged.
    type: dict
  database:
    description: The database that would be replaced. It need not exist.
    type: str
    required: true
  disk_reserve:
    description: Megabytes (1,000,000 bytes) that must stay free beside what the side database takes.
    type: int
    default: 1024
  history:
    description: Folder with the reports of earlier runs, which tell how long this one will take.
    type: path
    default: ""
  cutover:
    description:
      - How the databases are to be exchanged. V(auto) pauses pgBouncer where that is possible, and stops the
        application elsewhere. V(pause) refuses where it is not possible. V(stop) always stops.
    type: str
    choices: [auto, pause, stop]
    default: auto
  pool_database:
    description: The name under which pgBouncer offers the database. Default is O(database).
    type: str
  pools_elsewhere:
    description: Names of other hosts whose pgBouncers lead to this database; with any, there is no pause.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - erp_ops.reads_only
  - erp_ops.database
  - erp_ops.pool
  - community.postgresql.postgres
seealso:
  - module: postgresql_archive_info
"""

EXAMPLES = r"""
- name: Check whether last night's backup can be restored
  become: true
  become_user: postgres
  postgresql_restore_preflight:
    archive: "{{ inspection.archive }}"
    database: crm_system
  register: preflight
"""

RETURN = r"""
checks:
  description: Every check with its verdict; C(passed) is null where it could not be made.
  returned: success
  type: list
  elements: dict
  sample:
    - name: roles
      passed: false
      detail: "the archive names roles that this server does not have: reporting"
      remedy: 'Create them first (postgresql_users in the inventory, or as a superuser: CREATE ROLE "reporting";)'
refusals:
  description: One sentence for each check that forbids the restore; empty where it may begin.
  returned: success
  type: list
  elements: str
expected_seconds:
  description: How long it will take, from earlier runs of at least a tenth of the size; null where none tells it.
  returned: success
  type: float
trend:
  description: The drills so far, oldest first.
  returned: success
  type: list
  elements: dict
database_exists:
  description: Whether there is a database to replace.
  returned: success
  type: bool
database_bytes:
  description: Its size on disk, 0 where there is none.
  returned: success
  type: int
kept_prefix:
  description: What the names begin with under which a database is kept; the rest is kind and time.
  returned: success
  type: str
  sample: crm_system
cutover:
  description: How the databases will be exchanged (C(method)), and why so (C(reason)).
  returned: success
  type: dict
  sample:
    method: pause
    reason: pgBouncer 1.18.0 (transaction pooling, 12 clients) is paused for the swap
server_version:
  description: The server's version.
  returned: success
  type: str
  sample: "15.18"
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.pgbouncer.processes_io import consoles, pool_argument_spec
from ansible.module_utils.erp_ops.restore.cutover import AUTO, PAUSE, STOP, choose
from ansible.module_utils.erp_ops.restore.history import expected_seconds, trend
from ansible.module_utils.erp_ops.restore.history_io import read_reports
from ansible.module_utils.erp_ops.restore.kept import LIVE_CHARACTERS
from ansible.module_utils.erp_ops.restore.pool_facts_io import read_pool_facts
from ansible.module_utils.erp_ops.restore.preflight import ArchiveFacts, checks, failures, sentence
from ansible.module_utils.erp_ops.restore.server_facts_io import read_server_facts
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec

BYTES_IN_MEGABYTE = 1_000_000


def run(options: dict[str, Any]) -> dict[str, Any]:
    # The database to replace may be missing or damaged; "postgres" is always there.
    login = ConnectionOptions.from_login(options, dbname="postgres")
    with opened(login, "cannot look at the server") as connection:
        server = read_server_facts(connection, options["database"])
    pool = read_pool_facts(
        consoles(options["pool_socket"], options["pool_port"]), options["pool_database"] or options["database"]
    )
    cutover = choose(options["cutover"], options["pools_elsewhere"], pool)
    archive = ArchiveFacts.from_inspection(options["archive"]) if options["archive"] else None
    reports = read_reports(options["history"]) if options["history"] else []
    reserve = options["disk_reserve"] * BYTES_IN_MEGABYTE
    found = checks(archive, server, options["database"], reserve, pool=pool, cutover=cutover)
    return {
        "changed": False,
        "checks": [asdict(check) for check in found],
        "refusals": [sentence(check) for check in failures(found)],
        "cutover": {"method": cutover.method, "reason": cutover.reason},
        "expected_seconds": expected_seconds(reports, archive.uncompressed_bytes) if archive else None,
        "trend": trend(reports),
        "database_exists": server.database_exists,
        "database_bytes": server.database_bytes,
        "kept_prefix": options["database"][:LIVE_CHARACTERS],
        "server_version": server.version,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "archive": {"type": "dict"},
            "history": {"type": "path", "default": ""},
            "database": {"type": "str", "required": True},
            "disk_reserve": {"type": "int", "default": 1024},
            "cutover": {"type": "str", "choices": [AUTO, PAUSE, STOP], "default": AUTO},
            "pool_database": {"type": "str"},
            **pool_argument_spec(),
            "pools_elsewhere": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
