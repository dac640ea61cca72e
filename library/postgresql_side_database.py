#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates the database that an archive is restored into beside the live one, or drops it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_side_database
short_description: Create a fresh side database like the live one, or drop it
description:
  - O(state=fresh) drops what a run before may have left under this name and creates an empty database with the live
    one's owner, encoding, locale, tablespace, connection limit, comment, access privileges and the settings of
    C(ALTER DATABASE ... SET), which a dump without C(--create) does not carry.
  - O(state=absent) drops it. Never touches the database O(like).
version_added: "1.0.0"
options:
  name:
    description: The side database.
    type: str
    required: true
  like:
    description: The live database.
    type: str
    required: true
  owner:
    description: Owner of the side database where there is no live one yet. Required for O(state=fresh).
    type: str
  state:
    description: V(fresh) is never unchanged, since it always starts from nothing. V(absent) is idempotent.
    type: str
    choices: [fresh, absent]
    required: true
extends_documentation_fragment: [erp_ops, erp_ops.database, community.postgresql.postgres]
attributes:
  check_mode:
    description: Says what would be dropped and created.
"""

EXAMPLES = r"""
- name: Create the side database
  become: true
  become_user: postgres
  postgresql_side_database:
    name: crm_system_incoming
    like: crm_system
    owner: erp
    state: fresh
"""

RETURN = r"""
dropped:
  description: Whether a database of this name was there and was dropped.
  returned: success
  type: bool
created:
  description: Whether the database was created.
  returned: success
  type: bool
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.restore.side_database_io import (
    create_side_database,
    drop_database,
    exists,
    refuse_live,
)
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    name, fresh = options["name"], options["state"] == "fresh"
    refuse_live(name, options["like"])
    login = ConnectionOptions.from_login(options, dbname="postgres")
    with opened(login, f'cannot {"create" if fresh else "drop"} the side database "{name}"') as connection:
        dropped = exists(connection, name) if check_mode else drop_database(connection, name)
        if fresh and not check_mode:
            create_side_database(connection, name, options["like"], options["owner"])
    return {"changed": dropped or fresh, "dropped": dropped, "created": fresh}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "name": {"type": "str", "required": True},
            "like": {"type": "str", "required": True},
            "owner": {"type": "str"},
            "state": {"type": "str", "choices": ["fresh", "absent"], "required": True},
        },
        required_if=[("state", "fresh", ["owner"])],
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
