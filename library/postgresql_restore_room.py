#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check that an archive from the controller has room on this host."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_restore_room
short_description: Check that an archive from the controller has room on this host
description:
  - Compares the free space of a folder, and of the login user's home, through which Ansible sends files, with the size
    of an archive. Changes nothing; fails with one sentence when there is too little.
options:
  directory:
    description:
      - The folder that the archive is copied to. It need not exist yet.
    type: path
    required: true
  size:
    description:
      - Bytes of the archive.
    type: int
    required: true
  reserve:
    description:
      - Megabytes (1,000,000 bytes) that must stay free beside it.
    type: int
    default: 1024
extends_documentation_fragment: [erp_ops.reads_only]
"""

EXAMPLES = r"""
- name: Check that the archive has room
  postgresql_restore_room:
    directory: /var/lib/erp-restore/from-controller
    size: 125829120
"""

RETURN = r"""
free:
  description: Free bytes of the folder.
  returned: success
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.restore.room_io import demand_room


def run(options: dict[str, Any]) -> dict[str, Any]:
    free = demand_room(options["directory"], options["size"], options["reserve"] * 1_000_000)
    return {"changed": False, "free": free}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "size": {"type": "int", "required": True},
            "reserve": {"type": "int", "default": 1024},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
