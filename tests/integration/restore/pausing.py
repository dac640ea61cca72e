# SPDX-License-Identifier: GPL-3.0-or-later
"""A swap behind a paused pool in a process of its own, which a test can kill: ``python pausing.py '{"dsn": ...}'``.

Prints ``begun``, then ``done`` or the sentence that says why not.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import psycopg2
from erp_ops.errors import OperatorError
from erp_ops.pgbouncer.console_io import Console
from erp_ops.restore.pause_io import swap_behind_pause


def main() -> None:
    given = json.loads(sys.argv[1])

    def connect() -> Any:
        connection = psycopg2.connect(given["dsn"])
        connection.autocommit = True
        return connection

    print("begun", flush=True)
    try:
        swap_behind_pause(
            [partial(Console, **console) for console in given["consoles"]],
            connect,
            (given["live"], given["incoming"], given["kept"]),
            pool_database=given["live"],
            budget=given["budget"],
            attempts=1,
            wait=0,
        )
    except OperatorError as error:
        print(error, flush=True)
    else:
        print("done", flush=True)


if __name__ == "__main__":
    main()
