#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports the sequences of a PostgreSQL database."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_sequence_info
short_description: Check whether the sequences of a PostgreSQL database will collide with the rows of its tables
description:
  - After a restore a sequence can stand at or below the highest ID of its table; the next insert then fails with
    C(duplicate key value violates unique constraint). This module finds such sequences, and those that will run out.
  - A sequence is judged by the next value that C(nextval) will return, over all columns that draw from it.
  - It never changes anything. Every transaction is read only.
  - What is found never fails the module, only what could not be asked at all.
version_added: "1.0.0"
extends_documentation_fragment:
  - erp_ops.reads_only
  - erp_ops.database
  - erp_ops.sequences
  - community.postgresql.postgres
"""

EXAMPLES = r"""
- name: Check every sequence of the database
  become: true
  become_user: postgres
  postgresql_sequence_info:
    login_db: crm_system
  register: found

- name: Show what is not healthy
  ansible.builtin.debug:
    msg: "{{ found.sequences | rejectattr('severity', 'in', ['healthy', none]) }}"

- name: Check the tables of two Django applications through pgBouncer
  postgresql_sequence_info:
    login_db: crm_system
    login_host: 127.0.0.1
    login_port: 6432
    login_user: erp_monitor
    login_password: "{{ erp_monitor_password }}"
    apps: [orders, inventory]
"""

RETURN = r"""
sequences:
  description: Every sequence that the filters mean, healthy ones too, ordered by schema and name.
  returned: success
  type: list
  elements: dict
  contains:
    schema: {description: Schema of the sequence., type: str, returned: always}
    name: {description: Name of the sequence., type: str, returned: always}
    columns:
      description: Every column that draws from it, each with C(schema), C(table), C(column) and C(data_type).
      type: list
      elements: dict
      returned: always
    data_type: {description: Type of the sequence., type: str, returned: always}
    start: {description: START of the sequence., type: int, returned: always}
    increment: {description: "INCREMENT of the sequence, negative for a descending one.", type: int, returned: always}
    min_value: {description: MINVALUE of the sequence., type: int, returned: always}
    max_value: {description: MAXVALUE of the sequence., type: int, returned: always}
    cache: {description: How many values a session takes at a time., type: int, returned: always}
    cycle: {description: Whether it starts again at its end., type: bool, returned: always}
    last_value: {description: "C(last_value), null if it could not be read.", type: int, returned: always}
    is_called: {description: "C(is_called), null if it could not be read.", type: bool, returned: always}
    next_value:
      description: What the next C(nextval) returns; null if nothing usable is left or it could not be read.
      type: int
      returned: always
    edge_value:
      description:
        - Highest value in use over all columns and within the sequence's bounds, the lowest for a descending sequence.
          Null if there is none.
      type: int
      returned: always
    limit:
      description: The nearest of the sequence's bound and of what the narrowest column can hold.
      type: int
      returned: always
    used_ratio:
      description: Share of the way to C(limit) that is used up, 0 to 1. Null if it could not be read.
      type: float
      returned: always
    status:
      description:
        - The first that holds of V(unreadable), V(exhausted), V(behind), V(near_limit), V(gap), V(ok); or V(skipped)
          for a sequence that is left alone by rule.
      type: str
      returned: always
    severity:
      description: V(healthy), V(warning), V(critical) or V(unknown); null for a skipped sequence.
      type: str
      returned: always
    reasons:
      description: Stable codes of everything that holds.
      type: list
      elements: str
      returned: always
    advice:
      description: What the reasons mean here and what to do, with the exact statement where there is one.
      type: list
      elements: str
      returned: always
    outlier_rows:
      description: For the reason C(outlier), the rows beyond the gap, each with schema, table, column and value.
      type: list
      elements: dict
      returned: always
  sample:
    - schema: public
      name: orders_order_id_seq
      columns: [{schema: public, table: orders_order, column: id, data_type: bigint}]
      data_type: bigint
      start: 1
      increment: 1
      min_value: 1
      max_value: 9223372036854775807
      cache: 1
      cycle: false
      last_value: 40
      is_called: true
      next_value: 41
      edge_value: 1250
      limit: 9223372036854775807
      used_ratio: 0.0
      status: behind
      severity: critical
      reasons: [next_value_in_use]
      advice:
        - >-
          The next value is 41 while 1250 is in use: inserts fail with duplicate keys now or soon. Run
          postgresql_sequence_sync
      outlier_rows: []
summary:
  description: How many sequences there are of each status and each severity. The statuses add up to C(total).
  returned: success
  type: dict
  sample:
    total: 3
    unreadable: 0
    exhausted: 0
    behind: 1
    near_limit: 0
    gap: 0
    ok: 2
    skipped: 0
    healthy: 2
    warning: 0
    critical: 1
    unknown: 0
"""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, connect
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.sequences import inspect
from ansible.module_utils.erp_ops.sequences.module_options import (
    filter_from,
    shared_argument_spec,
    thresholds_from,
    timeouts_from,
)
from ansible.module_utils.erp_ops.sequences.results import inspected

# The options are community.postgresql's own, so that they cannot drift apart. Its connect_to_db() is not used: it takes
# psycopg 3 where that is installed, and says "unable to connect to database" whatever the cause.
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec

if TYPE_CHECKING:
    from collections.abc import Mapping


def run(options: Mapping[str, Any]) -> dict[str, Any]:
    """The result. The findings are let go on return: with 20,000 sequences exit_json() needs their memory."""
    what = (filter_from(options), thresholds_from(options), timeouts_from(options))
    with closing(connect(ConnectionOptions.from_login(options))) as connection:
        outcome = inspect(connection, *what)
    return inspected(outcome)


def main() -> None:
    module = AnsibleModule(
        argument_spec={**postgres_common_argument_spec(), **shared_argument_spec()}, supports_check_mode=True
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
