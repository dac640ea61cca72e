#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds Django settings that break behind a transaction pool."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: erp_pool_preflight
short_description: Find Django database settings that break behind a pool in transaction mode
description:
  - Asks Django for its C(DATABASES) and names what breaks behind pgBouncer in transaction mode, each with its remedy.
  - Server-side cursors, persistent connections under ASGI, session-level options, and prepared statements of psycopg 3
    below pgBouncer 1.21.
  - It never changes anything, and what is found never fails the module, only what could not be asked.
version_added: "1.0.0"
options:
  manage:
    description: Command line that runs C(manage.py) as the application does.
    type: list
    elements: str
    default: [/usr/local/bin/erp-manage]
  asgi:
    description: Whether the application is served by ASGI.
    type: bool
    default: true
  pool_version:
    description: pgBouncer's version, for example C(1.18); empty asks the host's own pgBouncer.
    type: str
    default: ""
extends_documentation_fragment: [erp_ops.reads_only]
"""

EXAMPLES = r"""
- name: Look for settings that break behind the pool
  erp_pool_preflight:
  register: found

- name: Refuse them
  ansible.builtin.assert:
    that: found.problems | length == 0
    fail_msg: "{{ found.problems | join(' ') }}"
"""

RETURN = r"""
problems:
  description: One sentence for each setting that breaks, with its cause and its remedy.
  returned: success
  type: list
  elements: str
  sample: ['CONN_MAX_AGE of database "default": ... Set "CONN_MAX_AGE": 0; ...']
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.services.django_io import ask_django, pool_version
from ansible.module_utils.erp_ops.services.pooling import Database, judge


def version_from(named: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in named.split("."))
    except ValueError:
        raise OperatorError(
            "cannot judge the database settings",
            f'pool_version "{named}" is no version',
            "Write it as pgBouncer does, for example 1.24",
        ) from None


def run(options: dict[str, Any]) -> dict[str, Any]:
    named = options["pool_version"]
    version = version_from(named) if named else pool_version()
    answer = ask_django(options["manage"])
    databases = [Database.from_django(given, answer["psycopg"]) for given in answer["databases"]]
    problems = judge(databases, version, options["asgi"])
    return {"changed": False, "problems": [str(problem) for problem in problems]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "manage": {"type": "list", "elements": "str", "default": ["/usr/local/bin/erp-manage"]},
            "asgi": {"type": "bool", "default": True},
            "pool_version": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
