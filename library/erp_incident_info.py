#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host's logs say of a period."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: erp_incident_info
short_description: Count what went wrong on an ERP host, from its logs
description:
  - Reads log files (rotated and packed ones too) and the journal as streams, in one pass and in bounded memory, and
    returns what failed in a period. Failures that a signature knows are counted by it, unknown ones by their form; of a
    traceback, by its exception and the application's innermost frame.
  - A record that several files of the host have counts once.
  - Secrets, e-mail addresses and phone numbers do not leave the host.
  - A log that cannot be read is named in the result. It does not fail the module.
version_added: "1.0.0"
options:
  host:
    description: Name of the host in the report.
    type: str
    required: true
  since:
    description: When the period begins. A date, a date and a time (of the host's zone, where it names none), or so long
      ago as C(12h) and C(3d) say.
    type: str
    default: 1d
  until:
    description: When it ends, written as O(since); empty means now.
    type: str
    default: ""
  restart:
    description: The last restart, written as O(since), where the journal does not know it any more; empty means that it
      is found from the units.
    type: str
    default: ""
  files:
    description: Logs, by whole paths in which C(*) stands for any text. What was rotated from them is read with them.
    type: list
    elements: str
    default: []
  journal:
    description: Whether the journal is read.
    type: bool
    default: true
  timezone:
    description: Zone of times that name none, as in V(Africa/Cairo); empty means the host's.
    type: str
    default: ""
  roots:
    description: The application's directories, from which its files are named. Those of releases need not be told.
    type: list
    elements: str
    default: []
  restart_units:
    description: Units that serve. The last start of one of them is the last restart.
    type: list
    elements: str
    default: [erp-daphne.service, erp-uvicorn.service, erp-gunicorn.service]
  start_units:
    description: Units whose starts stand on the time line; C(*) stands for any text.
    type: list
    elements: str
    default: [erp-*, pgbouncer*, postgresql@*, redis*, valkey*, cloudflared*]
  signatures:
    description: A site's own signatures, before the toolkit's. One with the ID of another takes its place.
    type: list
    elements: dict
    default: []
  application_directory:
    description: The directory of releases, deployments and ledgers of patches; empty where this host has none.
    type: str
    default: ""
  restore_reports:
    description: The folder of the reports of restores; empty where this host has none.
    type: str
    default: ""
  sequence_history:
    description: The folder of the history of sequences; empty where this host has none.
    type: str
    default: ""
  migrations:
    description: The log of migrations that the role C(erp_service) has written; empty where this host has none.
    type: str
    default: ""
  state_directory:
    description: The folder in which C(erp-incidents) keeps what earlier reports had; empty means that nothing is known.
    type: str
    default: ""
extends_documentation_fragment: [erp_ops.reads_only]
"""

EXAMPLES = r"""
- name: Count what went wrong in the last three days
  erp_incident_info:
    host: "{{ inventory_hostname }}"
    since: 3d
    files: [/var/log/erp/*.log]
    signatures:
      - id: SITE-1
        title: The printer of labels does not answer
        pattern: 'label printer at \S+ timed out'
        severity: low
        remedy: Switch it off and on
  become: true
  register: counted
"""

RETURN = r"""
incidents:
  description: What was found, as the filter C(incident_report) takes it.
  returned: success
  type: dict
  contains:
    host: {description: The host., type: str, returned: always}
    since: {description: Begin of the period in seconds since 1970., type: int, returned: always}
    until: {description: Its end., type: int, returned: always}
    restart: {description: The last restart; null where it is not known., type: int, returned: always}
    findings:
      description:
        - The most urgent first, each with C(key), C(severity), C(state) (new, recurring, fixed_holding, came_back),
          C(events), C(lines), C(before) and C(after) the restart, C(first), C(last), C(incidents), C(file), C(remedy)
          and a C(sample).
      type: list
      elements: dict
      returned: always
    happenings: {description: What was done in the period., type: list, elements: dict, returned: always}
    sources: {description: What was read., type: list, elements: dict, returned: always}
    not_examined: {description: "What could not be read, and why.", type: list, elements: dict, returned: always}
    offset: {description: Of local time from UTC in seconds., type: int, returned: always}
    set_aside: {description: "Lines of noise, by signature.", type: dict, returned: always}
    coarse: {description: Seconds to which copies in several files are compared., type: int, returned: always}
"""

import time
from dataclasses import fields, replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.incidents.examine_io import Period, examined, zone_of
from ansible.module_utils.erp_ops.incidents.json_form import as_data
from ansible.module_utils.erp_ops.incidents.period import moment
from ansible.module_utils.erp_ops.incidents.settings import Settings, make_settings
from ansible.module_utils.erp_ops.module_end import end_module


def run(options: dict[str, Any]) -> dict[str, Any]:
    try:
        settings = make_settings({one.name: options[one.name] for one in fields(Settings) if one.name in options})
    except ValueError as error:
        raise OperatorError("cannot look for the logs", str(error), "Correct incident_report_files") from error
    now, zone = int(time.time()), zone_of(settings.timezone)
    times = {name: moment(options[name], now, zone) for name in ("until", "restart") if options[name]}
    since = moment(options["since"], now, zone)
    result = examined(settings, Period(since, times.get("until", now), times.get("restart")))
    return {"changed": False, "incidents": as_data(replace(result, host=options["host"]))}


def main() -> None:
    defaults = Settings()
    module = AnsibleModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "since": {"type": "str", "default": "1d"},
            "until": {"type": "str", "default": ""},
            "restart": {"type": "str", "default": ""},
            "files": {"type": "list", "elements": "str", "default": []},
            "journal": {"type": "bool", "default": True},
            "timezone": {"type": "str", "default": ""},
            "roots": {"type": "list", "elements": "str", "default": []},
            "restart_units": {"type": "list", "elements": "str", "default": defaults.restart_units},
            "start_units": {"type": "list", "elements": "str", "default": defaults.start_units},
            "signatures": {"type": "list", "elements": "dict", "default": []},
            "application_directory": {"type": "str", "default": ""},
            "restore_reports": {"type": "str", "default": ""},
            "sequence_history": {"type": "str", "default": ""},
            "migrations": {"type": "str", "default": ""},
            "state_directory": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
