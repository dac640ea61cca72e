#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts one database in the place of another by renaming both in one transaction."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_database_swap
short_description: Put one database in the place of another
description:
  - Renames O(live) to O(kept) and O(incoming) to O(live) in one transaction, so that either both hold or none.
  - Closes the sessions of both while it waits for their locks. Stop the application, or pause its pool, first.
  - Where there is no O(live), only O(incoming) is renamed.
version_added: "1.0.0"
author:
  - El-Khawaga ERP operations (@elkhawaga-ops)
requirements:
  - psycopg2 >= 2.8 on the host that runs the module
options:
  live:
    description: The name that the application uses.
    type: str
    required: true
  incoming:
    description: The database that is to have this name.
    type: str
    required: true
  kept:
    description: The name of the replaced database afterwards. It must be free.
    type: str
    required: true
  timeout:
    description: Seconds to wait for sessions to close.
    type: int
    default: 10
extends_documentation_fragment:
  - community.postgresql.postgres
attributes:
  check_mode:
    support: full
    description: Says that it would rename.
"""

EXAMPLES = r"""
- name: Let the restored database serve
  become: true
  become_user: postgres
  postgresql_database_swap:
    live: crm_system
    incoming: crm_system_incoming
    kept: crm_system_before_20260226_031500
"""

RETURN = r"""
kept:
  description: Name under which the replaced database is kept, null where there was none.
  returned: success
  type: str
sessions_closed:
  description: How many sessions were closed.
  returned: success
  type: int
seconds:
  description: How long the swap took.
  returned: success
  type: float
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, connect
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.restore.swap_io import swap
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any]) -> dict[str, Any]:
    login = ConnectionOptions.from_login({**options, "login_db": "postgres"})
    connection = connect(login)
    closer = connect(login)
    try:
        done = swap(
            connection, closer, options["live"], options["incoming"], options["kept"], timeout=options["timeout"]
        )
    finally:
        closer.close()
        connection.close()
    return {"kept": done.kept, "sessions_closed": done.sessions_closed, "seconds": done.seconds}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "live": {"type": "str", "required": True},
            "incoming": {"type": "str", "required": True},
            "kept": {"type": "str", "required": True},
            "timeout": {"type": "int", "default": 10},
        },
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=True, kept=module.params["kept"], sessions_closed=0, seconds=0.0)
    try:
        module.exit_json(changed=True, **run(module.params))
    except OperatorError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
