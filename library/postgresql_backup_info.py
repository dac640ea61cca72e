#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Choose the backup that is restored when none is named."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_backup_info
short_description: Choose the newest good backup of a database
description:
  - Looks through a folder for the newest good backup of a database. A backup is good when its manifest says that it was
    read to its last byte after it was written, and it still has the size that it had then.
  - Changes nothing. Fails with one sentence when there is none.
options:
  directory:
    description:
      - The folder of backups.
    type: path
    required: true
  database:
    description:
      - The database whose backups count.
    type: str
    required: true
  unproved:
    description:
      - Whether the newest file is taken where no file has a manifest. RV(note) says so then.
    type: bool
    default: false
extends_documentation_fragment: [erp_ops.reads_only]
seealso:
  - module: postgresql_backup
  - module: postgresql_archive_info
"""

EXAMPLES = r"""
- name: Choose the backup for tonight's drill
  postgresql_backup_info:
    directory: /var/backups/erp
    database: crm_system
  become: true
  register: chosen
"""

RETURN = r"""
path:
  description: The backup.
  returned: success
  type: str
began_at:
  description: When it was taken; of a file without a manifest, when it was last written.
  returned: success
  type: str
proved:
  description: Whether a manifest says that it was read to its last byte.
  returned: success
  type: bool
sha256:
  description: The checksum that its manifest tells; empty without one.
  returned: success
  type: str
note:
  description: One sentence on why it is this one.
  returned: success
  type: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.backup.choice_io import choose
from ansible.module_utils.erp_ops.module_end import end_module


def run(options: dict[str, Any]) -> dict[str, Any]:
    chosen = choose(options["directory"], options["database"], unproved=options["unproved"])
    return {
        "changed": False,
        "path": chosen.path,
        "began_at": chosen.began.isoformat(timespec="seconds"),
        "proved": chosen.proved,
        "sha256": chosen.sha256,
        "note": chosen.note,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "database": {"type": "str", "required": True},
            "unproved": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
