#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists the databases that restores keep, picks the one that a rollback puts back, and drops what may go."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_kept_databases
short_description: List and prune the databases that restores keep
description:
  - "Knows them by name: C(<live>_before_<time>) was replaced by a restore, C(<live>_refused_<time>) did not come up
    after its swap, C(<live>_aside_<time>) was replaced by a rollback."
  - Of each kind the newest is never dropped.
version_added: "1.0.0"
options:
  live:
    description: The database that serves.
    type: str
    required: true
  state:
    description:
      - V(listed) changes nothing. V(pruned) drops those beyond O(count) or older than O(days).
      - V(chosen) changes nothing, and fails when there is none to roll back to.
    type: str
    choices: [listed, pruned, chosen]
    default: listed
  wanted:
    description: With O(state=chosen), the kept database to roll back to. Default is what the last restore replaced.
    type: str
    default: ""
  count:
    description: How many of each kind are kept.
    type: int
    default: 3
  days:
    description: How many days they are kept.
    type: int
    default: 14
extends_documentation_fragment: [erp_ops, erp_ops.database, community.postgresql.postgres]
attributes:
  check_mode:
    description: Says what it would drop.
"""

EXAMPLES = r"""
- name: Drop what no restore needs any more
  become: true
  become_user: postgres
  postgresql_kept_databases:
    live: crm_system
    state: pruned
    count: 3
    days: 14
"""

RETURN = r"""
kept:
  description: The databases that stay, newest first.
  returned: success
  type: list
  elements: dict
  sample:
    - name: crm_system_before_20260226_031500
      kind: before
      since: "2026-02-26T03:15:00+00:00"
      bytes: 11534336
dropped:
  description: The databases that were dropped.
  returned: success
  type: list
  elements: dict
chosen:
  description: The name of the database to roll back to, null unless O(state=chosen).
  returned: success
  type: str
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.restore.kept import Kept, rollback_target, to_prune
from ansible.module_utils.erp_ops.restore.kept_io import drop, read_kept
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    live, state = options["live"], options["state"]
    login = ConnectionOptions.from_login(options, dbname="postgres")
    with opened(login, f'cannot prune the databases that restores of "{live}" kept') as connection:
        kept = read_kept(connection, live)
        chosen = rollback_target(live, kept, options["wanted"]).name if state == "chosen" else None
        doomed: list[Kept] = []
        if state == "pruned":
            doomed = to_prune(live, kept, count=options["count"], days=options["days"], now=datetime.now(UTC))
        if not check_mode:
            doomed = drop(connection, doomed)
    return {
        "changed": bool(doomed),
        "kept": [asdict(one) | {"since": one.since.isoformat()} for one in kept if one not in doomed],
        "dropped": [asdict(one) | {"since": one.since.isoformat()} for one in doomed],
        "chosen": chosen,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "live": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["listed", "pruned", "chosen"], "default": "listed"},
            "wanted": {"type": "str", "default": ""},
            "count": {"type": "int", "default": 3},
            "days": {"type": "int", "default": 14},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
