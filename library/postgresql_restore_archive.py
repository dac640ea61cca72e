#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Load a backup into an empty PostgreSQL database."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_restore_archive
short_description: Load a backup into an empty PostgreSQL database
description:
  - Loads a backup of pg_dump (plain SQL, custom, tar or directory format; a file may be packed with gzip or zstd) into
    an existing database that holds no tables, views or sequences yet. Those of extensions do not count.
  - The first error stops it. What the side database then holds is a part only, so drop it.
  - A plain dump is scanned again while it is loaded, a chunk ahead of C(psql), and its last line must be there, so that
    a backup which was exchanged since its inspection cannot act on another database. For the custom format, give
    O(sha256).
  - In a playbook an action plugin of the same name runs the module in the background and shows its progress.
  - When the module is ended by a signal, or its time is over, it ends C(psql) or C(pg_restore) and their sessions too.
options:
  path:
    description:
      - The backup on the managed host. Only the user that runs the module must be able to read it.
    type: path
    required: true
  login_db:
    description:
      - The database to load it into. It must exist and be empty. V(postgres), V(template0) and V(template1) are
        refused.
    type: str
    required: true
    aliases: [db, database]
  run_as:
    description:
      - The user of the operating system that C(psql) and C(pg_restore) run as. Needs O(run_as) to be the user that
        runs the module, or that user to be root.
    type: str
    default: postgres
  login_host:
    description:
      - Host of the server. Empty means the Unix socket.
    type: str
    default: ''
  login_unix_socket:
    description:
      - Folder of the Unix socket, when it is not the one that the client programs know.
    type: path
  login_port:
    description:
      - Port of the server.
    type: int
    default: 5432
  login_user:
    description:
      - Role to log in as. By default the role named like O(run_as).
    type: str
    default: ''
  login_password:
    description:
      - Password of O(login_user). It reaches the client programs in their environment, never on a command line.
    type: str
    default: ''
  ssl_mode:
    description:
      - How TLS is used on a connection over TCP (C(sslmode) of libpq).
    type: str
    choices: [allow, disable, prefer, require, verify-ca, verify-full]
    default: prefer
  ca_cert:
    description:
      - File of the certificate authority that the server's certificate must be signed by.
    type: path
  bin_dir:
    description:
      - Folder of C(psql) and C(pg_restore).
      - By default C(psql) of the newest PostgreSQL under C(/usr/lib/postgresql), and C(pg_restore) of the server's
        version when it is installed and reads the archive, else of the newest; else those on the PATH.
    type: path
  sha256:
    description:
      - SHA-256 the backup must have, for example the one that M(postgresql_archive_info) returned. Proves that what is
        loaded is what was inspected. Costs one more reading of the file.
    type: str
  jobs:
    description:
      - How many sessions load at a time, where the backup allows it (custom and directory format).
      - A custom archive that O(run_as) may not read is loaded in one session; RV(jobs) tells.
    type: int
    default: 1
  owner:
    description:
      - Role that is given everything in the backup that belongs to a superuser (tables, views, sequences, routines,
        types, schemas, large objects). What belongs to other roles, and what only a superuser may own, stays.
      - Empty leaves every owner as the backup says.
    type: str
    default: ''
  timeout:
    description:
      - Seconds after which the load is stopped. V(0) means no limit.
    type: int
    default: 86400
  progress_interval:
    description:
      - Seconds between two lines of progress. Used by the action plugin only.
      - V(0) runs the module in the foreground, without progress, and without the watch of O(orphan_timeout).
    type: int
    default: 5
  progress_file:
    description:
      - File in which the module tells its progress once a second, as JSON. Set by the action plugin; removed at the
        end.
    type: path
  heartbeat_file:
    description:
      - File that the waiting side touches. When it is not touched for O(orphan_timeout) seconds, or is removed, the
        load is stopped. Set by the action plugin; removed at the end.
    type: path
  orphan_timeout:
    description:
      - Seconds after which a load that nobody waits for any more is stopped, when O(heartbeat_file) is given.
    type: int
    default: 60
notes:
  - Run it with C(become) as root. To become another user than root from a user that is not root, a task in the
    background needs the package C(acl) on the managed host, as Ansible's documentation says; or set
    O(progress_interval) to V(0).
  - C(async) of the task is refused, since the action plugin does the same better.
extends_documentation_fragment: [erp_ops]
attributes:
  check_mode:
    description: Checks everything up to the first write, the empty database and the checksum included.
seealso:
  - module: postgresql_archive_info
"""

EXAMPLES = r"""
- name: Load last night's backup into the side database
  postgresql_restore_archive:
    path: /var/backups/erp/backup-20260226_030000.sql.gz
    login_db: crm_system_restore
    sha256: "{{ inspected.archive.sha256 }}"
  become: true

- name: Load it over TCP with a password
  postgresql_restore_archive:
    path: /var/backups/erp/erp.dump
    login_db: crm_system_restore
    login_host: db1.example
    login_user: restorer
    login_password: "{{ vault_restorer_password }}"
    ssl_mode: verify-full
    run_as: erp
"""

RETURN = r"""
database:
  description: The database that was loaded.
  returned: success
  type: str
  sample: crm_system_restore
jobs:
  description: How many sessions loaded it.
  returned: success
  type: int
  sample: 2
handed_over:
  description: How many objects of superusers were given to O(owner); V(0) in check mode.
  returned: success
  type: int
  sample: 240
format:
  description: V(plain), V(custom), V(tar) or V(directory).
  returned: success
  type: str
  sample: plain
compression:
  description: V(gzip) or V(zstd) when the whole file is packed, else V(none).
  returned: success
  type: str
  sample: gzip
bytes:
  description: Bytes of the backup's file.
  returned: success
  type: int
  sample: 125829120
seconds:
  description: How long it took; V(0) in check mode.
  returned: success
  type: float
  sample: 63.1
rate:
  description: Bytes of the file a second; V(0) in check mode.
  returned: success
  type: int
  sample: 1994000
server_version_num:
  description: Version of the server it was loaded into.
  returned: success
  type: int
  sample: 150018
msg:
  description: What was done, or in check mode would be done, in one sentence. On failure why not, and the remedy.
  returned: always
  type: str
warnings:
  description: Warnings of the server, the first 20.
  returned: when there are any
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.archive.estimate import size_text, time_text
from ansible.module_utils.erp_ops.archive.load_io import Prepared, Request, check, load
from ansible.module_utils.erp_ops.archive.watch_io import Watch
from ansible.module_utils.erp_ops.connection import ConnectionOptions
from ansible.module_utils.erp_ops.module_end import end_module

ARGUMENTS = {
    "path": {"type": "path", "required": True},
    "login_db": {"type": "str", "required": True, "aliases": ["db", "database"]},
    "run_as": {"type": "str", "default": "postgres"},
    "login_host": {"type": "str", "default": ""},
    "login_unix_socket": {"type": "path"},
    "login_port": {"type": "int", "default": 5432},
    "login_user": {"type": "str", "default": ""},
    "login_password": {"type": "str", "default": "", "no_log": True},
    "ssl_mode": {
        "type": "str",
        "default": "prefer",
        "choices": ["allow", "disable", "prefer", "require", "verify-ca", "verify-full"],
    },
    "ca_cert": {"type": "path"},
    "bin_dir": {"type": "path"},
    "sha256": {"type": "str"},
    "jobs": {"type": "int", "default": 1},
    "owner": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 86400},
    "progress_interval": {"type": "int", "default": 5},
    "progress_file": {"type": "path"},
    "heartbeat_file": {"type": "path"},
    "orphan_timeout": {"type": "int", "default": 60},
}


def run(params: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Load the backup, or in check mode only look; return the module's result."""
    request = Request(
        path=params["path"],
        options=ConnectionOptions.from_login(params),
        run_as=params["run_as"],
        bin_dir=params["bin_dir"],
        sha256=params["sha256"],
        jobs=params["jobs"],
        owner=params["owner"],
    )
    if check_mode:
        prepared = check(request)
        size = size_text(prepared.size)
        return {
            **facts(request, prepared),
            "seconds": 0.0,
            "rate": 0,
            "handed_over": 0,
            "msg": f'would load "{request.path}" ({size}) into the database "{request.options.dbname}"',
        }
    watch = Watch(params["timeout"], params["progress_file"], params["heartbeat_file"], params["orphan_timeout"])
    try:
        loaded = load(request, watch)
    finally:
        watch.clean()
    seconds = round(loaded.seconds, 3)
    size = size_text(loaded.prepared.size)
    return {
        **facts(request, loaded.prepared),
        "seconds": seconds,
        "rate": round(loaded.prepared.size / max(loaded.seconds, 0.001)),
        "handed_over": loaded.handed_over,
        "warnings": loaded.warnings,
        "msg": f'loaded {size} into the database "{request.options.dbname}" in {time_text(seconds)}',
    }


def facts(request: Request, prepared: Prepared) -> dict[str, Any]:
    """Return what is known before anything is written."""
    return {
        "changed": True,
        "database": request.options.dbname,
        "format": prepared.format,
        "compression": prepared.compression,
        "jobs": prepared.jobs,
        "bytes": prepared.size,
        "server_version_num": prepared.target.server_version_num,
    }


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    end_module(module, lambda: run(module.params, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
