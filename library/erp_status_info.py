#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measures the services of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: erp_status_info
short_description: Measure the services of an ERP host, live
description:
  - A request to the web server, a query through pgBouncer, C(PING) to the broker, a ping to each worker, beat's last
    tick, the tunnel's unit, the age of the last good backup. One row each.
  - A worker that runs and is silent is C(busy), never C(down). What could not be measured is C(unknown).
  - It never changes anything, and a service that is down does not fail the module.
version_added: "1.0.0"
requirements:
  - psycopg2 >= 2.8 on the host, for the application's rows
options:
  host:
    description: Name of the host in the rows.
    type: str
    required: true
  health_url:
    description: The application's health path on this host; empty leaves the application's rows out.
    type: str
    default: ""
  health_host:
    description: Host header to ask with, where the application insists on a name.
    type: str
    default: ""
  environment_file:
    description: The application's environment.
    type: path
    default: /etc/erp/erp.env
  celery_program:
    description: The application's own C(celery).
    type: path
    default: /srv/erp/current/venv/bin/celery
  beat_tick_file:
    description: The file that beat's launcher renews at each tick.
    type: path
    default: /srv/erp/run/beat-tick
  beat_tick_max_age:
    description: Seconds since the last tick after which beat is C(unknown).
    type: int
    default: 4000
  backup_directory:
    description: Where this host keeps backups; empty leaves that row out.
    type: str
    default: ""
  backup_database:
    description: The database whose backups count; empty, those of any.
    type: str
    default: ""
  backup_max_age:
    description: Seconds after which the last good backup is too old.
    type: int
    default: 90000
extends_documentation_fragment: [erp_ops.reads_only]
"""

EXAMPLES = r"""
- name: Measure the services
  become: true
  erp_status_info:
    host: "{{ inventory_hostname }}"
    health_url: http://127.0.0.1:8000/health/
  register: measured
"""

RETURN = r"""
services:
  description: One row for each service.
  returned: success
  type: list
  elements: dict
  contains:
    host: {description: The host., type: str, returned: always}
    component: {description: The service., type: str, returned: always}
    state: {description: 'C(ok), C(busy), C(unknown), C(absent) or C(down).', type: str, returned: always}
    note: {description: What was measured., type: str, returned: always}
    since: {description: Since when it runs., type: str, returned: always}
must_act:
  description: One sentence for each service that a person must look at.
  returned: success
  type: list
  elements: str
table:
  description: The rows as lines for a terminal, by language (C(en), C(ar)).
  returned: success
  type: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.module_end import end_module
from ansible.module_utils.erp_ops.services.status import must_act, table
from ansible.module_utils.erp_ops.services.status_io import application, backup


def run(given: dict[str, Any]) -> dict[str, Any]:
    rows = []
    if given["health_url"]:
        health = {"url": given["health_url"], "host": given["health_host"]}
        tick = (given["beat_tick_file"], given["beat_tick_max_age"])
        rows += application(given["host"], given["environment_file"], given["celery_program"], health, tick)
    if given["backup_directory"]:
        looked = (given["backup_directory"], given["backup_database"], given["backup_max_age"])
        rows.append(backup(given["host"], *looked))
    return {
        "changed": False,
        "services": [row.as_dict() for row in rows],
        "must_act": must_act(rows),
        "table": {language: table(rows, language) for language in ("en", "ar")},
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "health_url": {"type": "str", "default": ""},
            "health_host": {"type": "str", "default": ""},
            "environment_file": {"type": "path", "default": "/etc/erp/erp.env"},
            "celery_program": {"type": "path", "default": "/srv/erp/current/venv/bin/celery"},
            "beat_tick_file": {"type": "path", "default": "/srv/erp/run/beat-tick"},
            "beat_tick_max_age": {"type": "int", "default": 4000},
            "backup_directory": {"type": "str", "default": ""},
            "backup_database": {"type": "str", "default": ""},
            "backup_max_age": {"type": "int", "default": 90000},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
