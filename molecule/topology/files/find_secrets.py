# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets where they must not be: files for everybody, command lines, the journal, Ansible's output.

usage: find_secrets.py files|journal|file PATH...      the secrets come on standard input, one a line
Prints the places, never the secret. Its own command line and environment hold none.
"""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

# Kernel file systems, and what the scenario itself has mounted.
NOT_SEARCHED = ("/proc", "/sys", "/dev", "/srv/wheelhouse", "/srv/source")


def world_readable():
    """Every regular file that a user without rights can reach and read."""
    for parent, directories, names in os.walk("/", followlinks=False):
        if parent.startswith(NOT_SEARCHED):
            directories.clear()
            continue
        directories[:] = [one for one in directories if reachable(Path(parent, one))]
        for name in names:
            path = Path(parent, name)
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            if stat.S_ISREG(mode) and mode & stat.S_IROTH:
                yield path


def reachable(directory):
    try:
        return bool(directory.lstat().st_mode & stat.S_IXOTH)
    except OSError:
        return False


def holds(path, pattern):
    with path.open("rb") as file:
        return bool(pattern.search(file.read()))


def main():
    secrets = [line for line in sys.stdin.buffer.read().splitlines() if line]
    if len(secrets) < 1:
        sys.exit("find_secrets.py: no secret was given on standard input")
    pattern = re.compile(b"|".join(re.escape(secret) for secret in secrets))
    found = []
    if sys.argv[1] == "files":
        found = [str(path) for path in world_readable() if holds(path, pattern)]
    elif sys.argv[1] == "file":
        found = [name for name in sys.argv[2:] if holds(Path(name), pattern)]
    elif sys.argv[1] == "journal":
        journal = subprocess.run(
            ["/usr/bin/journalctl", "--no-pager", "--output=verbose"], capture_output=True, check=True
        ).stdout
        found = ["the journal"] if pattern.search(journal) else []
    for entry in Path("/proc").iterdir():
        if sys.argv[1] == "files" and entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if pattern.search(line):
                found.append(f"the command line of process {entry.name}")
    print("\n".join(found))


main()
