# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench-restart`: what users and tasks notice of each restart and fault."""

from __future__ import annotations

import sys

from bench.restart_cases import CASES
from bench.results import is_small
from bench.under_load import main

WORKER_STARTS, WORKER_STARTS_SMALL = 50, 3

if __name__ == "__main__":
    sys.exit(main("restart", CASES, WORKER_STARTS_SMALL if is_small() else WORKER_STARTS))
