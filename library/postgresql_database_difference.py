#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counts the rows that a swap of databases sets aside."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_database_difference
short_description: Count the rows that are in a kept database only
description:
  - With O(other), counts the rows of O(login_db) that are not, as they are, in O(other). Tables that agree in number
    and checksum take one pass.
  - With O(since), counts the rows of O(login_db) that were inserted or changed since it was given its name together
    with O(since), by the numbers of the transactions that wrote them. Deleted rows are not counted.
  - Reads only. A table that could not be counted is named, and never counts as equal.
version_added: "1.0.0"
options:
  login_db:
    description: The database whose rows are counted.
    type: str
    required: true
  other:
    description: The database to compare with.
    type: str
  since:
    description: The database that was kept when O(login_db) was given its name.
    type: str
  transaction:
    description: The transaction of that swap, as RV(transaction) told it before another swap.
    type: str
  timeout:
    description: Seconds the counting may take.
    type: int
    default: 600
extends_documentation_fragment: [erp_ops.reads_only, erp_ops.database, community.postgresql.postgres]
"""

EXAMPLES = r"""
- name: Count what only the kept database has
  become: true
  become_user: postgres
  postgresql_database_difference:
    login_db: crm_system_before_20260226_031500
    other: crm_system
  register: set_aside
"""

RETURN = r"""
rows:
  description: How many rows, over all tables that could be counted.
  returned: success
  type: int
tables:
  description: How many of each table, where there are any.
  returned: success
  type: dict
  sample: {"public.orders_order": 12}
not_counted:
  description: Tables that could not be counted in the time.
  returned: success
  type: list
  elements: str
transaction:
  description: The transaction of the swap, with O(since).
  returned: success
  type: str
"""

from contextlib import ExitStack
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.restore.difference_io import only_in_first, swap_transaction, written_since_swap
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any]) -> dict[str, Any]:
    database, other, transaction = options["login_db"], options["other"], options["transaction"]
    with ExitStack() as connections:

        def connection_to(name: str) -> Any:
            login = ConnectionOptions.from_login(options, dbname=name)
            return connections.enter_context(opened(login, f'cannot count the rows of "{database}"'))

        counted = connection_to(database)
        if other:
            rows = only_in_first(counted, connection_to(other), timeout=options["timeout"])
        else:
            transaction = transaction or swap_transaction(counted, database, options["since"])
            rows = written_since_swap(counted, transaction, timeout=options["timeout"])
    return {
        "changed": False,
        "rows": rows.total,
        "tables": rows.tables,
        "not_counted": rows.not_counted,
        "transaction": transaction,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "login_db": {"type": "str", "required": True},
            "other": {"type": "str"},
            "since": {"type": "str"},
            "transaction": {"type": "str"},
            "timeout": {"type": "int", "default": 600},
        },
        required_one_of=[("other", "since")],
        mutually_exclusive=[("other", "since")],
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
