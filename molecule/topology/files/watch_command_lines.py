# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes every command line that a process of this host has, many times a second: what `ps` would show.

usage: watch_command_lines.py FILE
"""

import sys
import time
from pathlib import Path

PAUSE_SECONDS = 0.05


def main() -> None:
    seen: set[bytes] = set()
    with Path(sys.argv[1]).open("wb", buffering=0) as out:
        while True:
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        line = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    except OSError:
                        continue
                    if line and line not in seen:
                        seen.add(line)
                        out.write(line + b"\n")
            time.sleep(PAUSE_SECONDS)


main()
