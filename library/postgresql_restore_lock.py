#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps two restores of one PostgreSQL server apart for the whole of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_restore_lock
short_description: Keep two restores of one server apart
description:
  - Takes an advisory lock of the server in a process of its own, which holds it until it is released, or until nobody
    has touched its lease for O(patience) seconds. The action plugin of the same name touches it as long as the
    ansible-playbook that asked for the lock lives.
  - Once it has the lock, nobody else restores; so it ends what a run that was killed has left behind, a paused
    pool and a database that takes no writes.
version_added: "1.0.0"
options:
  state:
    description: V(held) takes the lock, V(released) gives it back.
    type: str
    choices: [held, released]
    default: held
  lease:
    description: The lease of the lock to give back, as V(held) returned it. Without one there is nothing to do.
    type: str
    default: ""
  database:
    description: The database that is to be replaced. Left read-only by a run that was killed, it is made writable.
    type: str
  pool_database:
    description: The name under which pgBouncer offers it. Default is O(database).
    type: str
  patience:
    description: Seconds without a touch of the lease after which the lock ends by itself.
    type: int
    default: 60
extends_documentation_fragment: [erp_ops, erp_ops.database, erp_ops.pool, community.postgresql.postgres]
attributes:
  check_mode:
    description: Says whether the lock is free, and does not take it.
"""

EXAMPLES = r"""
- name: Keep other restores away
  become: true
  become_user: postgres
  postgresql_restore_lock:
    database: crm_system
  register: lock

- name: Let them begin again
  become: true
  become_user: postgres
  postgresql_restore_lock:
    state: released
    lease: "{{ lock.lease }}"
"""

RETURN = r"""
lease:
  description: The lease, empty in check mode.
  returned: success
  type: str
cleaned:
  description: What a run that was killed had left and was put right, one sentence each.
  returned: success
  type: list
  elements: str
"""

from contextlib import closing
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, connect
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.pgbouncer.processes_io import consoles, pool_argument_spec
from ansible.module_utils.erp_ops.restore.leftovers_io import make_writable, resume_pool
from ansible.module_utils.erp_ops.restore.lock_io import busy, hold, holder, release
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec

UNCHANGED = {"changed": False, "lease": "", "cleaned": []}


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    if options["state"] == "released":
        if options["lease"] and not check_mode:
            release(options["lease"])
        return UNCHANGED
    login = ConnectionOptions.from_login(options, dbname="postgres")
    database = options["database"]
    with closing(connect(login)) as connection:
        found = holder(connection)
    if found is not None:
        raise busy(found)
    if check_mode:
        return UNCHANGED
    # No connection is open here: the holder is forked from this process.
    lease = hold(lambda: connect(login), lambda session: make_writable(session, database), options["patience"])
    with closing(connect(login)) as connection:
        cleaned = make_writable(connection, database) + resume_pool(
            consoles(options["pool_socket"], options["pool_port"]), options["pool_database"] or database
        )
    return {"changed": bool(cleaned), "lease": lease, "cleaned": cleaned}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
            "lease": {"type": "str", "default": ""},
            "database": {"type": "str"},
            "pool_database": {"type": "str"},
            **pool_argument_spec(),
            "patience": {"type": "int", "default": 60},
        },
        required_if=[("state", "held", ["database"])],
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
