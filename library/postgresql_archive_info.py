#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Inspect a backup of a PostgreSQL database before anything is restored from it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_archive_info
short_description: Inspect a backup of a PostgreSQL database before restoring it
description:
  - Recognises the format of a backup by its content, reads it to its last byte, and tells what it holds.
  - Fails, with one sentence that names the cause and the remedy, for every backup that is damaged or cut off, that is
    no backup of a single database, or that would act on anything but the database it is restored into.
  - Changes nothing. Connects to no server.
options:
  path:
    description:
      - The backup on the managed host, a plain SQL dump of pg_dump, a dump in its custom, tar or directory format, or a
        file of Django's dumpdata; packed with gzip or zstd or not. Its name does not matter.
      - When a file of the same name with C(.sha256) added lies beside it, the backup must have that checksum.
    type: path
    required: true
  bin_dir:
    description:
      - Folder of C(pg_restore), which reads the custom format.
      - By default that of the newest PostgreSQL under C(/usr/lib/postgresql), else the one on the PATH.
    type: path
  server_version_num:
    description:
      - The C(server_version_num) of the server to restore into, for example V(150018).
      - When it is given, a backup that was taken from a newer major version, or that holds settings this version does
        not know, is refused.
    type: int
  sha256:
    description:
      - SHA-256 that the backup must have, for example the one in its manifest, beside that of a C(.sha256) file.
    type: str
    default: ""
extends_documentation_fragment: [erp_ops.reads_only]
seealso:
  - module: postgresql_restore_archive
"""

EXAMPLES = r"""
- name: Inspect last night's backup
  postgresql_archive_info:
    path: /var/backups/erp/backup-20260226_030000.sql.gz
    server_version_num: 150018
  register: inspected

- name: Show how many rows it holds
  ansible.builtin.debug:
    msg: "{{ inspected.archive.rows }} rows in {{ inspected.archive.tables | length }} tables"
"""

RETURN = r"""
archive:
  description: What the backup is and holds.
  returned: success
  type: dict
  contains:
    path:
      description: The backup that was inspected.
      type: str
      sample: /var/backups/erp/backup-20260226_030000.sql.gz
    format:
      description: >-
        V(plain) for SQL text, pg_dump's V(custom), V(tar) or V(directory) format, or V(dumpdata) for Django's JSON.
      type: str
      sample: plain
    compression:
      description: >-
        V(gzip) or V(zstd) when the whole file is packed, else V(none). (pg_dump's own formats pack their data.)
      type: str
      sample: gzip
    size:
      description: Bytes of the file.
      type: int
    uncompressed_size:
      description: Bytes of its SQL text.
      type: int
    database:
      description: Name of the database it was taken from, null when the format does not tell (plain).
      type: str
    sha256:
      description: SHA-256 of the file.
      type: str
    sha256_verified:
      description: Whether a C(.sha256) file beside it, or O(sha256), confirmed that checksum.
      type: bool
    server_version:
      description: Version of the server it was taken from, as written in it; empty when it is not.
      type: str
      sample: 15.18 (Debian 15.18-0+deb12u1)
    server_version_num:
      description: The same as a number, null when it is not written in it.
      type: int
      sample: 150018
    dump_version:
      description: Version of the pg_dump that took it; empty when it is not written in it.
      type: str
    dump_version_num:
      description: The same as a number, null when it is not written in it.
      type: int
    needs_server_version_num:
      description: The oldest server that understands its settings, V(0) when any does.
      type: int
    tables:
      description: >-
        Its tables (no foreign tables), each with C(schema), C(name) and C(rows). C(rows) is exact where the backup
        holds rows, null where it holds none for that table (schema only, a partitioned parent) or they cannot be
        counted.
      type: list
      elements: dict
      sample: [{schema: public, name: customers, rows: 1200}]
    models:
      description: Rows of each Django model, of a V(dumpdata) file, which names no tables; else empty.
      type: dict
      sample: {crm.customer: 1200}
    rows:
      description: Rows of all tables together, null when those of one cannot be counted.
      type: int
    sequences:
      description: How many sequences it creates, those of identity columns included.
      type: int
    roles:
      description: Roles it names (owners, grantees, default privileges, policies); all must exist before a restore.
      type: list
      elements: str
    extensions:
      description: Extensions it creates; all must be available on the server.
      type: list
      elements: str
    schemas:
      description: Schemas it creates.
      type: list
      elements: str
    tablespaces:
      description: Tablespaces it names; all must exist before a restore.
      type: list
      elements: str
    covers:
      description: >-
        Numbers from which the time of a restore can be estimated. C(tables), C(rows), C(data_bytes) (text of rows in
        COPY form), C(indexes), C(constraints), C(triggers), C(routines), C(views), C(large_objects).
      type: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from ansible.module_utils.erp_ops.module_end import end_module


def run(options: dict[str, Any]) -> dict[str, Any]:
    found = inspect(options["path"], options["bin_dir"], options["server_version_num"], options["sha256"])
    return {"changed": False, "archive": found.as_dict()}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "bin_dir": {"type": "path"},
            "server_version_num": {"type": "int"},
            "sha256": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    end_module(module, lambda: run(module.params))


if __name__ == "__main__":
    main()
