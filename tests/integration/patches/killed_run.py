# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the engine in a process of its own, which dies by SIGKILL at one of its steps on files.

``python killed_run.py ORDER STEP``: ORDER is the JSON of ``run_io.Order``. Python's own audit events say when a file is
about to be renamed, linked, removed, created or opened; those within the tree are counted, and the process kills itself
before the one of number STEP. It prints how many there were when it comes to its end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from erp_ops.patches.run_io import Order, run

_EVENTS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "open", "shutil.rmtree"}


def main() -> None:
    order = Order(**json.loads(sys.argv[1]))
    last = int(sys.argv[2])
    count = 0

    def count_down(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in _EVENTS or not arguments or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        if not os.fsdecode(arguments[0]).startswith(order.path):
            return
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count_down)
    run(order, check_mode=False)
    print(count)


if __name__ == "__main__":
    main()
