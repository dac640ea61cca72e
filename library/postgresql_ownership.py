#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives what one role owns in a database to another."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_ownership
short_description: Give what one role owns in a database to another
description:
  - Alters the owner of schemas, tables, views, sequences, routines, types, large objects and so on, in one
    transaction, all or none. Members of extensions keep their owner.
  - Does what C(REASSIGN OWNED) refuses to do for the role that the server was created with.
version_added: "1.0.0"
options:
  login_db:
    description: The database.
    type: str
    required: true
  old_owner:
    description: The role that owns them today.
    type: str
    required: true
  new_owner:
    description: The role that shall own them.
    type: str
    required: true
extends_documentation_fragment: [erp_ops, erp_ops.database, community.postgresql.postgres]
attributes:
  check_mode:
    description: Lists what it would give.
"""

EXAMPLES = r"""
- name: Give the application's tables to its own role
  become: true
  become_user: postgres
  postgresql_ownership:
    login_db: crm_system
    old_owner: postgres
    new_owner: erp
"""

RETURN = r"""
given:
  description: What was given, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: ["table public.orders_order"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.adoption.ownership_io import give, owned
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    with opened(ConnectionOptions.from_login(options), "cannot read who owns what") as connection:
        items = owned(connection, options["old_owner"], options["new_owner"])
        if items and not check_mode:
            give(connection, items)
    return {"given": [item.name for item in items], "changed": bool(items)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "login_db": {"type": "str", "required": True},
            "old_owner": {"type": "str", "required": True},
            "new_owner": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
