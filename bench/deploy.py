# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench-deploy`: what users and tasks notice of a deploy, and of one that goes back by itself."""

from __future__ import annotations

import sys

from bench.deploy_cases import CASES
from bench.under_load import main

if __name__ == "__main__":
    sys.exit(main("deploy", CASES))
