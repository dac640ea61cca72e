# SPDX-License-Identifier: GPL-3.0-or-later
"""Swap in a process of its own, which a test can kill: ``python swapping.py '{"dsn": ..., "live": ...}'``.

Prints ``begun`` when it is connected, then ``done``.
"""

from __future__ import annotations

import json
import sys

import psycopg2
from erp_ops.restore.swap_io import swap


def main() -> None:
    given = json.loads(sys.argv[1])
    connection, closer = psycopg2.connect(given["dsn"]), psycopg2.connect(given["dsn"])
    connection.autocommit = closer.autocommit = True
    print("begun", flush=True)
    swap(connection, closer, given["live"], given["incoming"], given["kept"], timeout=given["timeout"])
    print("done", flush=True)


if __name__ == "__main__":
    main()
