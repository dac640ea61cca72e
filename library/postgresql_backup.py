#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take a backup unless a good one is young enough."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_backup
short_description: Take a backup unless a good one is young enough
description:
  - Looks for the newest good backup that the role C(backup) took on this host. When there is none, or it is older than
    O(fresh_for), the unit C(erp-backup.service) is started and waited for, as the timer does it.
  - A backup is good when it was read to its last byte after it was written, and still has the size it had then.
options:
  fresh_for:
    description:
      - Seconds for which a good backup is young enough. V(0) always takes one.
    type: int
    default: 3600
  settings:
    description:
      - The settings that the role wrote.
    type: path
    default: /etc/erp-backup/backup.json
extends_documentation_fragment: [erp_ops]
attributes:
  check_mode:
    description: Tells whether a backup would be taken.
"""

EXAMPLES = r"""
- name: Have a backup that is at most five minutes old
  postgresql_backup:
    fresh_for: 300
  become: true
"""

RETURN = r"""
backup:
  description: The newest good backup; null in check mode when there is none.
  returned: success
  type: dict
  contains:
    path:
      description: The dump. C(.sha256) and C(.json) lie beside it.
      type: str
    size:
      description: Bytes of the dump.
      type: int
    began_at:
      description: When the dump began; what it holds is as old as that.
      type: str
    age_seconds:
      description: Age of what it holds.
      type: int
    sha256:
      description: SHA-256 of the dump.
      type: str
msg:
  description: What was done, in one sentence. On failure why not, and the remedy.
  returned: always
  type: str
"""

from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.backup import service_io
from ansible.module_utils.erp_ops.module_end import end_module


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    backup = service_io.current(options["settings"])
    due = service_io.is_due(backup, options["fresh_for"])
    if due and not check_mode:
        backup = service_io.take(options["settings"])
    found = backup.as_dict(datetime.now(UTC)) if backup else None
    said = f"{found['path']} is {found['age_seconds']} s old" if found else "there is no good backup yet"
    if due:
        said = f"would take a backup: {said}" if check_mode else f"took {found['path'] if found else ''}"
    return {"changed": due, "backup": found, "msg": said}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "fresh_for": {"type": "int", "default": 3600},
            "settings": {"type": "path", "default": "/etc/erp-backup/backup.json"},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
