# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a backup in a process of its own, which a test can kill: ``python taking.py '<settings as JSON>'``."""

from __future__ import annotations

import sys

from erp_ops.backup.settings import read_settings
from erp_ops.backup.take_io import take
from erp_ops.errors import OperatorError


def main() -> int:
    try:
        take(read_settings(sys.argv[1]))
    except OperatorError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
