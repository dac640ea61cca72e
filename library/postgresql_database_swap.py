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
  - Closes the sessions of both while it waits for their locks. Stop the application first, or set O(method=pause).
  - Where there is no O(live), only O(incoming) is renamed.
version_added: "1.0.0"
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
    description: Seconds to wait for sessions to close, where no pool is paused.
    type: int
    default: 10
  method:
    description:
      - V(pause) pauses O(pool_database) in the pgBouncer of this host for the renames, all of its processes or none,
        so that its clients wait for a moment and meet no error. A second process resumes it when the module is killed
        or stands still.
      - V(stop) expects that the application was stopped.
    type: str
    choices: [pause, stop]
    default: stop
  pause_budget:
    description: Seconds that clients may wait. When they are over everything goes back, and the old database serves.
    type: float
    default: 2.0
  pause_attempts:
    description: How often it is tried when transactions in flight use up the budget.
    type: int
    default: 5
  pause_wait:
    description: Seconds between two attempts, in which the old database serves.
    type: float
    default: 5.0
  lease:
    description: The lease of M(postgresql_restore_lock). A run that has lost its lock renames nothing.
    type: str
    default: ""
  pool_database:
    description: The name under which pgBouncer offers the database. Default is O(live).
    type: str
extends_documentation_fragment: [erp_ops, erp_ops.database, erp_ops.pool, community.postgresql.postgres]
attributes:
  check_mode:
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
    method: pause
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
paused_seconds:
  description: How long the pool was paused, null where it was not.
  returned: success
  type: float
attempts:
  description: How many pauses it took, null where the pool was not paused.
  returned: success
  type: int
"""

from contextlib import closing
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, connect
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.pgbouncer.processes_io import consoles, pool_argument_spec
from ansible.module_utils.erp_ops.restore.cutover import PAUSE, STOP
from ansible.module_utils.erp_ops.restore.lock_io import require
from ansible.module_utils.erp_ops.restore.pause_io import swap_behind_pause
from ansible.module_utils.erp_ops.restore.swap_io import Swap, swap
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    login = ConnectionOptions.from_login(options, dbname="postgres")
    names = (options["live"], options["incoming"], options["kept"])
    if check_mode:
        return report(Swap(options["kept"], 0, 0.0))
    if options["lease"]:
        with closing(connect(login)) as asking:
            require(asking, options["lease"])
    if options["method"] == PAUSE:
        paused = swap_behind_pause(
            consoles(options["pool_socket"], options["pool_port"]),
            lambda: connect(login),
            names,
            pool_database=options["pool_database"] or options["live"],
            budget=options["pause_budget"],
            attempts=options["pause_attempts"],
            wait=options["pause_wait"],
        )
        return report(paused.swap) | {"paused_seconds": paused.paused_seconds, "attempts": paused.attempts}
    with closing(connect(login)) as connection, closing(connect(login)) as closer:
        return report(swap(connection, closer, *names, timeout=options["timeout"]))


def report(done: Swap) -> dict[str, Any]:
    return {
        "changed": True,
        "kept": done.kept,
        "sessions_closed": done.sessions_closed,
        "seconds": done.seconds,
        "paused_seconds": None,
        "attempts": None,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "live": {"type": "str", "required": True},
            "incoming": {"type": "str", "required": True},
            "kept": {"type": "str", "required": True},
            "timeout": {"type": "int", "default": 10},
            "method": {"type": "str", "choices": [PAUSE, STOP], "default": STOP},
            "pause_budget": {"type": "float", "default": 2.0},
            "pause_attempts": {"type": "int", "default": 5},
            "pause_wait": {"type": "float", "default": 5.0},
            "lease": {"type": "str", "default": ""},
            "pool_database": {"type": "str"},
            **pool_argument_spec(),
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
