#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verifies a restored database against the archive it came from."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_restore_verification
short_description: Verify a restored database against its archive
description:
  - "Verifies in levels: structure (every table), volume (every row), access (the application's role can use them) and
    integrity (no index or constraint left invalid)."
  - Reads only. What is found never fails the module; the caller decides by RV(refusals).
  - A level that could not run is C(not verified), never C(passed).
version_added: "1.0.0"
options:
  login_db:
    description: The restored database.
    type: str
    required: true
  archive:
    description: The archive, as M(postgresql_archive_info) returns it.
    type: dict
    required: true
  role:
    description: The application's role.
    type: str
    required: true
extends_documentation_fragment: [erp_ops.reads_only, erp_ops.database, community.postgresql.postgres]
"""

EXAMPLES = r"""
- name: Verify the side database before it serves
  become: true
  become_user: postgres
  postgresql_restore_verification:
    login_db: crm_system_incoming
    archive: "{{ inspection.archive }}"
    role: erp
  register: verification
"""

RETURN = r"""
levels:
  description: Every level with its verdict (passed, failed, not verified) and what was seen.
  returned: success
  type: list
  elements: dict
  sample:
    - name: volume
      verdict: passed
      detail: 5962 rows in 34 tables, as in the archive
refusals:
  description: One sentence for each level that failed; empty where the database may serve.
  returned: success
  type: list
  elements: str
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.connection import ConnectionOptions, opened
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.restore.verification_io import FAILED, sentence, verify
from ansible_collections.community.postgresql.plugins.module_utils.postgres import postgres_common_argument_spec


def run(options: dict[str, Any]) -> dict[str, Any]:
    archive = options["archive"]
    rows = {(table["schema"], table["name"]): table["rows"] for table in archive["tables"]}
    with opened(ConnectionOptions.from_login(options), f'cannot verify "{options["login_db"]}"') as connection:
        levels = verify(connection, rows, countable=archive["rows"] is not None, role=options["role"])
    return {
        "changed": False,
        "levels": [asdict(level) for level in levels],
        "refusals": [sentence(level) for level in levels if level.verdict == FAILED],
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **postgres_common_argument_spec(),
            "login_db": {"type": "str", "required": True},
            "archive": {"type": "dict", "required": True},
            "role": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
