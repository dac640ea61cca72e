#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings the code patches of a tree to what the inventory says."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: code_patch_series
short_description: Apply, recognise and revert a series of code patches
description:
  - Brings a tree, a release or a copy of one, to the code as it came with the patches of the series upon it, in their
    order. Each is applied where it is missing, and recognised where it is there already, also when the code came with
    the same change. One whose diff has changed is reverted by the old diff, from the ledger, and applied anew, together
    with those above it.
  - All or nothing. Where one patch does not fit, the module fails with the hunk and the lines in question, and the tree
    stays as it was. When the run is killed while it moves files in, the next one puts the tree right first.
  - Hunks may stand at other lines than they say; every unchanged line around a change must be there (no fuzz). A hunk
    that begins or ends without one must be at that edge of the file, or the lines that it replaces just once in it.
  - Takes plain unified diffs, C(git diff), also with C(--binary), and C(git format-patch), with new, deleted and
    renamed files and changed modes. Copies, symbolic links and submodules are refused.
  - Python files that change are compiled in memory first. What does not compile is refused.
  - A patch that a tree has and the series has not is left alone and named in the result; O(patches[].state=absent)
    reverts it. One that came with the code is never reverted.
version_added: "1.0.0"
requirements:
  - git on the host that runs the module; its configuration and repositories play no part
options:
  path:
    description: The tree's folder. Links that lead to it are followed; within it files behind links are refused.
    type: path
    required: true
  patches:
    description: The series, from the lowest to the topmost.
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: Its name, once in the series.
        type: str
        required: true
      reason:
        description: What it is for.
        type: str
      diff:
        description:
          - The diff itself, as text, to its last line. Read from a file it needs C(rstrip=False) in
            P(ansible.builtin.file#lookup), else blank lines at its end are lost; those that can be told are put back.
          - May be left out with O(patches[].state=absent); the ledger has it.
        type: str
      files:
        description: The files that it touches, seen from the tree, both names of a renamed one. The diff must agree.
        type: list
        elements: str
      state:
        description: Whether it is to be in the tree.
        type: str
        choices: [present, absent]
        default: present
  ledger:
    description: Where to keep what was applied, with mode 0640. By default C(.erp-patches.json) in the tree.
    type: path
  release:
    description: Name of the release, for the ledger.
    type: str
    default: ""
  python:
    description: The application's interpreter, which compiles the patched files. By default that of the module.
    type: path
extends_documentation_fragment: [erp_ops]
attributes:
  check_mode:
    description: All of it is tried outside the tree; nothing is written there.
  diff_mode:
    support: full
    description: Shows the difference that the tree undergoes, file by file.
"""

EXAMPLES = r"""
- name: Patch the staged release
  become: true
  code_patch_series:
    path: /srv/erp/releases/20260301-301ad868
    release: 20260301-301ad868
    python: /srv/erp/releases/20260301-301ad868/.venv/bin/python
    patches:
      - id: BUG-017
        reason: External items have no order item
        files: [cutting/inventory_integration.py]
        diff: "{{ lookup('ansible.builtin.file', 'patches/BUG-017.patch', rstrip=False) }}"
      - id: BUG-011
        state: absent
"""

RETURN = r"""
patches:
  description: What was done with each patch, those of the series first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its name.
      type: str
    action:
      description:
        - V(applied), V(unchanged), V(found) (the code came with it), V(reapplied) (it, or one below it, has changed),
          V(reverted), V(absent) (nothing to revert), V(left) (it is in the tree and not in the series).
      type: str
    files:
      description: The files that it touches.
      type: list
      elements: str
    sha256:
      description: Checksum of its diff; empty where none is known.
      type: str
  sample:
    - id: BUG-017
      action: applied
      files: [cutting/inventory_integration.py]
      sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
files:
  description: The files of the tree that changed.
  returned: success
  type: list
  elements: str
  sample: [cutting/inventory_integration.py]
message:
  description: The same in one line, for people.
  returned: success
  type: str
  sample: "applied: BUG-017; absent: BUG-011"
"""

import sys
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.patches import run_io


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    order = run_io.Order(
        path=options["path"],
        patches=options["patches"],
        ledger=options["ledger"],
        release=options["release"],
        python=options["python"] or sys.executable,
    )
    return run_io.run(order, check_mode=check_mode)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "patches": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "id": {"type": "str", "required": True},
                    "reason": {"type": "str"},
                    "diff": {"type": "str"},
                    "files": {"type": "list", "elements": "str"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                },
                "required_if": [("state", "present", ("reason", "diff", "files"))],
            },
            "ledger": {"type": "path"},
            "release": {"type": "str", "default": ""},
            "python": {"type": "path"},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
