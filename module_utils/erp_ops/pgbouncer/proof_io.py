# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration is proved by a throwaway pgBouncer in a folder of its own: it has no check of its own (I/O)."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import OperatorError
from ..program_io import ended
from .configuration import OF_THE_PLACE, Configuration, Version, refusal, render, version_of
from .console_io import PORT, Console

PROGRAM = "/usr/sbin/pgbouncer"
START_SECONDS = 20.0
COMMAND_SECONDS = 10.0

# The file that takes what the throwaway instance prints.
SAID = "said"

Rows = list[dict[str, Any]]

# A line of its log: time, process, level, text.
_LINE = re.compile(r"^\S+ \S+ \S+ \[\d+\] (?P<level>[A-Z]+) (?P<text>.*)$")
# True of the throwaway instance only: it has the limits of this process, not those of the unit.
_OF_THE_THROWAWAY = re.compile(r"file descriptor|unix_socket_dir|listen_addr")


@dataclass(frozen=True)
class Effective:
    """What pgBouncer makes of a configuration: the rows of SHOW CONFIG and SHOW DATABASES, and what it warned of."""

    config: Rows
    databases: Rows
    warnings: tuple[str, ...] = ()


def installed_version(program: str) -> Version:
    try:
        done = ended([program, "-V"], COMMAND_SECONDS)
    except OSError as error:
        raise OperatorError(
            "cannot run pgBouncer", f"{program}: {error.strerror or error}", "Install it: apt-get install pgbouncer"
        ) from error
    return version_of(done.stdout)


def read_effective(console: Console) -> Effective:
    return Effective(
        config=console.run("SHOW CONFIG", timeout=COMMAND_SECONDS),
        databases=[row for row in console.run("SHOW DATABASES", timeout=COMMAND_SECONDS) if row["name"] != "pgbouncer"],
    )


def prove(configuration: Configuration, userlist: str | None, run_as: str, program: str = PROGRAM) -> Effective:
    """Start it beside the running one, on nothing but a socket in a private folder, and ask what it understood.

    Refused with pgBouncer's own words when it does not start, or when it starts and skips a part of the file.
    """
    owner = pwd.getpwnam(run_as)
    # Not under TMPDIR: the path of a socket is limited to 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-proof-", dir="/tmp"))
    try:
        file = folder / "pgbouncer.ini"
        file.write_text(render(_in_its_own_place(configuration, folder, userlist), "throwaway"), encoding="utf-8")
        for path in (folder, *folder.iterdir()):
            if os.geteuid() == 0:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        with (folder / SAID).open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own path
                [program, str(file)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                **_as_process_of(owner),
            )
        try:
            effective = _wait(process, folder, run_as)
        finally:
            process.kill()
            process.wait()
        levels = _log(folder)
        if errors := levels.get("ERROR", []) + levels.get("FATAL", []):
            raise _refused(errors)
        return replace(effective, warnings=tuple(levels.get("WARNING", [])))
    finally:
        shutil.rmtree(folder)


def _in_its_own_place(configuration: Configuration, folder: Path, userlist: str | None) -> Configuration:
    kept = {name: value for name, value in configuration.settings.items() if name not in OF_THE_PLACE}
    if userlist is not None:
        path = folder / "userlist.txt"
        path.touch(mode=0o600)
        path.write_text(userlist, encoding="utf-8")
        kept["auth_file"] = str(path)
    place = {"listen_addr": "", "listen_port": PORT, "unix_socket_dir": folder, "logfile": folder / "log"}
    return replace(configuration, settings=kept | place)


def _wait(process: subprocess.Popen[bytes], folder: Path, run_as: str) -> Effective:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            levels = _log(folder)
            raise _refused(levels.get("ERROR", []) + levels.get("FATAL", []) or [f"it ended with {process.returncode}"])
        try:
            with as_os_user(run_as), Console(str(folder), PORT) as console:
                return read_effective(console)
        except OperatorError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _log(folder: Path) -> Mapping[str, list[str]]:
    """What it said, by level. Not from its log file, which it opens only after it has read its settings."""
    found: dict[str, list[str]] = {}
    for line in (folder / SAID).read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.match(line)
        if match and not (match["level"] == "WARNING" and _OF_THE_THROWAWAY.search(match["text"])):
            found.setdefault(match["level"], []).append(match["text"].replace(str(folder), "/etc/pgbouncer"))
    return found


def _refused(errors: list[str]) -> OperatorError:
    return refusal(
        f"a throwaway pgBouncer that was started with the new one refused it: {'; '.join(dict.fromkeys(errors))}",
        "Correct the setting that it names in the role's variables (pgbouncer_settings, pgbouncer_databases)",
    )


def _as_process_of(owner: pwd.struct_passwd) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    groups = os.getgrouplist(owner.pw_name, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": groups}


@contextlib.contextmanager
def as_os_user(name: str) -> Iterator[None]:
    """Be this user for a moment, where root runs this: pgBouncer asks the kernel who stands at its socket."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
