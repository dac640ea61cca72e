#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets a database take no writes for a while, and take them again."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_database_read_only
short_description: Let a database take no writes for a while
description:
  - Sets C(default_transaction_read_only) for the whole database, closes the sessions that do not go through the pool,
    and lets the pool connect anew, so that it holds for every transaction that begins afterwards.
  - It is a default. A session that sets it off by itself can still write.
version_added: "1.0.0"
options:
  database:
    description: The database.
    type: str
    required: true
  state:
    description: V(writable) takes back only what V(read_only) has set.
    type: str
    choices: [read_only, writable]
    required: true
  pool_database:
    description: The name under which pgBouncer offers it. Default is O(database).
    type: str
extends_documentation_fragment: [erp_ops, erp_ops.database, erp_ops.pool, community.postgresql.postgres]
attributes:
  check_mode:
    support: none
    description: The role does not call it in check mode.
"""

EXAMPLES = r"""
- name: Take no writes that the swap would set aside
  become: true
  become_user: postgres
  postgresql_database_read_only:
    database: crm_system
    state: read_only
"""

RETURN = r"""
sessions_closed:
  description: How many sessions beside the pool's were closed.
  returned: success
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.pgbouncer.processes_io import consoles, pool_argument_spec
from ansible.module_utils.erp_ops.restore.leftovers_io import make_read_only, make_writable, reconnect_pool
from ansible.module_utils.erp_ops.restore.pool_facts_io import read_pool_facts
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any]) -> dict[str, Any]:
    database = options["database"]
    pool_database = options["pool_database"] or database

    opening = consoles(options["pool_socket"], options["pool_port"])
    pool = read_pool_facts(opening, pool_database)
    login = ConnectionOptions.from_login(options, dbname="postgres")
    with opened(login, f'cannot change whether "{database}" takes writes') as connection:
        try:
            if options["state"] == "writable":
                return {"changed": bool(make_writable(connection, database, pool.server_pids)), "sessions_closed": 0}
            return {"changed": True, "sessions_closed": make_read_only(connection, database, pool.server_pids)}
        finally:
            reconnect_pool(opening, pool_database)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "database": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["read_only", "writable"], "required": True},
            "pool_database": {"type": "str"},
            **pool_argument_spec(),
        },
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
