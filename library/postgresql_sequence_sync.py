#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repairs the sequences of a PostgreSQL database."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_sequence_sync
short_description: Repair the sequences of a PostgreSQL database that would collide with the rows of its tables
description:
  - Raises every sequence whose next value is already in use, so that inserts work again after a restore.
  - Never lowers a sequence, unless O(state=reset) or O(force=true) say so. The second run changes nothing.
  - Each sequence is repaired in a short transaction of its own, under locks that keep writers from coming in between
    and give way to them where they wait too long.
  - What is found never fails the module, only what could not be done. The result then says what was done all the same.
version_added: "1.0.0"
options:
  state:
    description:
      - V(synced) raises what would collide.
      - V(reset) sets each sequence that O(tables) or O(sequences) name to the first free value past its highest row, or
        to O(value). It can lower, so it wants O(confirm=true).
    type: str
    choices: [synced, reset]
    default: synced
  confirm:
    description: Must be true for O(state=reset), except in check mode, which shows what is to be confirmed.
    type: bool
    default: false
  value:
    description:
      - With O(state=reset) and exactly one sequence, the value that the next insert is to get. Refused where it would
        collide, lies outside of the sequence's bounds or is not among the values that START and INCREMENT give.
    type: int
  force:
    description:
      - Also make repairs that would carry a sequence past O(limit_critical), as one row with an outlying ID demands.
      - With O(state=synced), also lower sequences that are ahead by more than O(gap_threshold).
    type: bool
    default: false
  limit_critical:
    description: Share of a sequence's values, 0 to 1, past which no repair carries a sequence without O(force=true).
  statement_timeout:
    description: Milliseconds after which reading or repairing a table is given up. 0 waits for ever.
  lock_timeout:
    description:
      - Milliseconds to wait for the locks of one repair. Keep it below the server's C(deadlock_timeout), so that it is
        the repair that gives way and never the application; a longer one is cut to half of that, with a warning.
  lock_retries:
    description: How often a repair whose locks were held is tried again, before it is reported as C(lock_timeout).
extends_documentation_fragment:
  - erp_ops
  - erp_ops.database
  - erp_ops.sequences
  - community.postgresql.postgres
attributes:
  check_mode:
    description: Returns what the run would, from read-only transactions.
  diff_mode:
    support: full
    description: Shows where each repaired sequence stood and stands.
"""

EXAMPLES = r"""
- name: Repair what would collide after a restore
  become: true
  become_user: postgres
  postgresql_sequence_sync:
    login_db: crm_system
  register: result

- name: Show what the run would change
  postgresql_sequence_sync:
    login_db: crm_system
    apps: [orders]
  check_mode: true
  diff: true

- name: Give the numbers after the last invoice again
  postgresql_sequence_sync:
    login_db: crm_system
    state: reset
    tables: [orders_invoice]
    confirm: true
"""

RETURN = r"""
sequences:
  description:
    - Every sequence that the filters mean, as it is after the run; in check mode, as it would be. The keys are those of
      C(postgresql_sequence_info).
  returned: always, unless the database could not be asked at all
  type: list
  elements: dict
summary:
  description:
    - How many sequences there are of each status and each severity after the run, and how many were C(repaired) and
      C(not_repaired). The statuses add up to C(total).
  returned: always, unless the database could not be asked at all
  type: dict
  sample:
    total: 3
    unreadable: 0
    exhausted: 0
    behind: 0
    near_limit: 0
    gap: 0
    ok: 3
    skipped: 0
    healthy: 3
    warning: 0
    critical: 0
    unknown: 0
    repaired: 1
    not_repaired: 0
repaired:
  description: What was changed, or would be in check mode. The columns of each stand in RV(sequences).
  returned: always, unless the database could not be asked at all
  type: list
  elements: dict
  contains:
    schema: {description: Schema of the sequence., type: str, returned: always}
    name: {description: Name of the sequence., type: str, returned: always}
    edge_value: {description: The value in use that it had to pass., type: int, returned: always}
    before: {description: Where it stood., type: dict, returned: always}
    after: {description: Where it stands., type: dict, returned: always}
    method:
      description:
        - V(locked) by its owner under locks, V(guarded) by a role with UPDATE, V(advanced) by a role with USAGE.
      type: str
      returned: always
    lowered: {description: Whether it went back., type: bool, returned: always}
  sample:
    - schema: public
      name: orders_order_id_seq
      edge_value: 1250
      before: {last_value: 40, is_called: true, next_value: 41, status: behind, severity: critical}
      after: {last_value: 1250, is_called: true, next_value: 1251, status: ok, severity: healthy}
      method: locked
      lowered: false
not_repaired:
  description:
    - What should have been changed and was not, with the reason's code and what to do. C(by_rule) is true where nothing
      failed and a person must decide (C(outlier)); everything else fails the module.
  returned: always, unless the database could not be asked at all
  type: list
  elements: dict
  sample:
    - schema: public
      name: customers_customer_id_seq
      columns: [{schema: public, table: customers_customer, column: id, data_type: integer}]
      reason: no_privilege
      advice: >-
        Run as the owner or a superuser: GRANT SELECT, UPDATE ON SEQUENCE public.customers_customer_id_seq TO erp_app;
      by_rule: false
"""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, connect
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.sequences import Outcome, reset, synchronise
from ansible.module_utils.erp_ops.sequences.module_options import (
    filter_from,
    shared_argument_spec,
    thresholds_from,
    timeouts_from,
)
from ansible.module_utils.erp_ops.sequences.results import changed, complete

# The options are community.postgresql's own, so that they cannot drift apart. Its connect_to_db() is not used: it takes
# psycopg 3 where that is installed, and says "unable to connect to database" whatever the cause.
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec

if TYPE_CHECKING:
    from collections.abc import Mapping


def synced_or_reset(options: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    what = (filter_from(options), thresholds_from(options), timeouts_from(options))
    if options["value"] is not None and options["state"] != "reset":
        raise OperatorError(
            "cannot set a value", f"state is {options['state']}", "Give state: reset, and name one table or sequence"
        )
    with closing(connect(ConnectionOptions.from_login(options))) as connection:
        if options["state"] == "synced":
            return synchronise(connection, *what, force=options["force"], check_mode=check_mode)
        return reset(
            connection,
            *what,
            confirm=options["confirm"],
            value=options["value"],
            force=options["force"],
            check_mode=check_mode,
        )


def run(options: Mapping[str, Any], *, check_mode: bool, with_diff: bool) -> dict[str, Any]:
    """The result.

    Everything is let go as soon as it is described, with 20,000 sequences exit_json() needs the memory: the findings
    before the repairs first, those after them on return.
    """
    outcome = synced_or_reset(options, check_mode=check_mode)
    result = changed(outcome, with_diff=with_diff)
    findings = outcome.findings
    del outcome
    return complete(result, findings)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            **shared_argument_spec(),
            "state": {"type": "str", "choices": ["synced", "reset"], "default": "synced"},
            "confirm": {"type": "bool", "default": False},
            "value": {"type": "int"},
            "force": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode, with_diff=module._diff))


if __name__ == "__main__":
    main()
