# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a backup in a process of its own, which a test can kill: ``python loading.py '{"path": ...}'``.

Prints ``loaded`` or the sentence of the failure. The keys are those of ``Request``, ``ConnectionOptions``
and ``Watch``.
"""

from __future__ import annotations

import json
import sys

from erp_ops.archive.load_io import Request, load
from erp_ops.archive.watch_io import Watch
from erp_ops.connection import ConnectionOptions
from erp_ops.errors import OperatorError


def main() -> int:
    given = json.loads(sys.argv[1])
    watch = Watch(**given["watch"])
    try:
        load(Request(options=ConnectionOptions(**given["options"]), **given["request"]), watch)
    except OperatorError as error:
        print(error)
        return 1
    finally:
        watch.clean()
    print("loaded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
