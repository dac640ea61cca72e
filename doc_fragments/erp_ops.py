# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What several modules say of themselves in the same words.

A module names the parts before community.postgresql's own: of two texts for one thing the first counts, and the
module's own text before all of them.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Each part is what a module's DOCUMENTATION may hold; ``erp_ops.pool`` is POOL."""

    # For a module that changes something: it says itself what check mode does.
    DOCUMENTATION = r"""
author:
  - El-Khawaga ERP operations (@elkhawaga-ops)
attributes:
  check_mode:
    support: full
"""

    READS_ONLY = r"""
author:
  - El-Khawaga ERP operations (@elkhawaga-ops)
attributes:
  check_mode:
    support: full
    description: Reads only, in check mode as otherwise.
"""

    DATABASE = r"""
requirements:
  - psycopg2 >= 2.8 on the host that runs the module
options: {}
"""

    POOL = r"""
options:
  pool_socket:
    description: The directory of pgBouncer's Unix socket, on the host that runs the module.
    type: str
    default: /var/run/postgresql
  pool_port:
    description: pgBouncer's port.
    type: int
    default: 6432
"""

    SEQUENCES = r"""
options:
  login_db:
    description: Database whose sequences are meant.
    type: str
    required: true
  schemas:
    description: Only sequences of these schemas, or of tables in them. Empty means all.
    type: list
    elements: str
    default: []
  tables:
    description:
      - Only sequences that belong to these tables, each as C(table) or C(schema.table), spelled exactly.
      - O(tables), O(apps) and O(sequences) widen each other. A name that matches nothing is an error.
    type: list
    elements: str
    default: []
  apps:
    description: Only sequences of these Django applications, by their tables' default prefix C(<app>_).
    type: list
    elements: str
    default: []
  sequences:
    description: Only these sequences, each as C(name) or C(schema.name), spelled exactly.
    type: list
    elements: str
    default: []
  exclude:
    description: Leave out these tables or sequences, named as in O(tables) and O(sequences).
    type: list
    elements: str
    default: []
  gap_threshold:
    description: How many unused values between the highest ID and the next value are worth a warning.
    type: int
    default: 1000
  limit_warning:
    description: Share of a sequence's values, 0 to 1, past which it is reported as near its limit.
    type: float
    default: 0.75
  limit_critical:
    description: Share of a sequence's values, 0 to 1, past which being near the limit is critical.
    type: float
    default: 0.9
  statement_timeout:
    description: Milliseconds after which reading a table is given up. 0 waits for ever.
    type: int
    default: 30000
  lock_timeout:
    description: Milliseconds to wait for a lock. Keep it below the server's C(deadlock_timeout).
    type: int
    default: 500
  lock_retries:
    description: How often a table that was locked is tried again.
    type: int
    default: 5
"""
