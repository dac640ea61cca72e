#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists the releases of the application on its host, completes one, lets one serve, removes old ones."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: erp_releases
short_description: Manage the releases of an application on its host
description:
  - A release is a directory C(releases/<name>) with the code in C(app) and a link C(venv) to its Python environment.
    C(current) is a link to the one that serves.
  - A complete release has a record of what it was made from and of the SHA-256 of each file, so that one that was
    changed by hand is found.
version_added: "1.0.0"
options:
  directory:
    description: Home of the application, which holds C(releases), C(environments) and C(current).
    type: path
    required: true
  state:
    description:
      - V(listed) changes nothing.
      - V(complete) records O(name) with its O(inputs). From then on it can serve.
      - V(serving) lets C(current) point to O(name), in one step, and notes it in C(deployments.jsonl).
      - V(pruned) removes what is neither serving, nor the one before it, nor among the newest O(keep) complete ones,
        and the Python environments that no release uses.
    type: str
    choices: [listed, complete, serving, pruned]
    default: listed
  name:
    description: The release. Required for V(complete) and V(serving).
    type: str
    default: ""
  inputs:
    description: What a release is made from, for example the commit. Releases of equal inputs are the same.
    type: dict
    default: {}
  reason:
    description: Why it is to serve. A way back does not count as a deploy when the release before is looked for.
    type: str
    choices: [deploy, rollback]
    default: deploy
  keep:
    description: How many complete releases V(pruned) leaves, the serving one among them.
    type: int
    default: 5
  target:
    description:
      - With V(listed), the release to go back to; V(previous) is what served before. Fails where it cannot serve.
    type: str
    default: ""
extends_documentation_fragment: [erp_ops]
attributes:
  check_mode:
    description: Says what it would do.
"""

EXAMPLES = r"""
- name: See whether there is a release of this commit
  erp_releases:
    directory: /srv/erp
    inputs:
      commit: 301ad868
  register: releases

- name: Let it serve
  erp_releases:
    directory: /srv/erp
    state: serving
    name: "{{ releases.made }}"
"""

RETURN = r"""
releases:
  description: The releases, newest first.
  returned: success
  type: list
  elements: dict
  sample:
    - name: 20261127T190000Z-301ad8680c1f
      inputs:
        commit: 301ad8680c1f
      complete: true
      altered: []
      environment: 3f1c9a0be2d4
serving:
  description: The release that serves; empty where there is none.
  returned: success
  type: str
previous:
  description: What served before it and is still there; empty where there is none.
  returned: success
  type: str
made:
  description: The release that was made from O(inputs) and can serve as it is; empty where there is none.
  returned: success
  type: str
target:
  description: The release to go back to, where O(target) asks for one.
  returned: success
  type: str
removed:
  description: The releases and environments that were removed.
  returned: success
  type: list
  elements: str
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.releases.model import Releases, rollback_target
from ansible.module_utils.erp_ops.releases.releases_io import (
    complete,
    read_releases,
    remove,
    remove_environments,
    serve,
    unused_environments,
)


def run(options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    directory, state, name = options["directory"], options["state"], options["name"]
    before = read_releases(directory, verify=state == "listed")
    changed, removed = False, []
    if state == "complete":
        found = before.named(name)
        changed = found is None or found.inputs != options["inputs"]
        if changed and not check_mode:
            complete(directory, name, options["inputs"])
    elif state == "serving":
        changed = before.serving != name
        if changed and not check_mode:
            serve(directory, name, options["reason"])
    elif state == "pruned":
        doomed = before.superfluous(options["keep"])
        kept = Releases(tuple(one for one in before.releases if one not in doomed))
        environments = unused_environments(directory, kept)
        removed = [f"releases/{one.name}" for one in doomed] + [f"environments/{one}" for one in environments]
        changed = bool(removed)
        if not check_mode:
            remove(directory, doomed)
            remove_environments(directory, environments)
    known = before if check_mode or not changed else read_releases(directory, verify=False)
    made, previous = known.made_from(options["inputs"]), known.previous()
    result = {
        "changed": changed,
        "releases": [asdict(one) | {"complete": one.complete, "altered": list(one.altered)} for one in known.releases],
        "serving": known.serving,
        "previous": previous.name if previous else "",
        "made": made.name if made else "",
        "removed": removed,
    }
    if options["target"]:
        wanted = "" if options["target"] == "previous" else options["target"]
        result["target"] = rollback_target(known, wanted).name
    if changed and state == "serving":
        result["diff"] = {
            "before": f"{directory}/current -> releases/{before.serving}\n" if before.serving else "",
            "after": f"{directory}/current -> releases/{name}\n",
        }
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "state": {"type": "str", "choices": ["listed", "complete", "serving", "pruned"], "default": "listed"},
            "name": {"type": "str", "default": ""},
            "inputs": {"type": "dict", "default": {}},
            "reason": {"type": "str", "choices": ["deploy", "rollback"], "default": "deploy"},
            "keep": {"type": "int", "default": 5},
            "target": {"type": "str", "default": ""},
        },
        required_if=[("state", "complete", ["name", "inputs"]), ("state", "serving", ["name"])],
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
