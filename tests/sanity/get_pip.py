# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where ansible-test wants its downloaded get-pip: brings pip from Python itself, then what was asked for.

ansible-test calls it with pip's options and the packages to have.
"""

from __future__ import annotations

import ensurepip
import os
import subprocess
import sys

# bootstrap() switches pip's own settings off in this process's environment, and with them the way to PyPI.
environment = dict(os.environ)
ensurepip.bootstrap()
wanted = [argument for argument in sys.argv[1:] if argument not in {"--no-setuptools", "--no-wheel"}]
subprocess.run([sys.executable, "-m", "pip", "install", *wanted], check=True, env=environment)
