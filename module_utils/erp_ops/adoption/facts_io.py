# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a server that runs the old way. Nothing is changed, and no secret leaves this file.

PostgreSQL is asked by ``psql`` as its own superuser: a server that was set up by hand need not have a driver for the
system's Python, and a look at it must not install one.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from ..disk_io import free_bytes
from ..program_io import ended
from .configuration import compare_environments, environment, pgbouncer_file, script_habits, users
from .model import Code, Database, Facts, Process

COMMAND_SECONDS = 60
APPLICATION = re.compile(r"daphne|celery|manage\.py|uvicorn|gunicorn")
BACKUP = re.compile(r"backup|pg_dump", re.IGNORECASE)

# The whole answer as one value, so that no separator can be taken for another.
DATABASE_SQL = """
SELECT json_build_object(
    'owner', pg_get_userbyid(d.datdba),
    'collate', d.datcollate,
    'size', pg_database_size(d.oid),
    'tables', (SELECT count(*) FROM pg_catalog.pg_stat_user_tables),
    'superusers', (SELECT coalesce(json_agg(rolname), '[]') FROM pg_catalog.pg_roles WHERE rolsuper))
FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()
"""


def output(argv: list[str], **environment_variables: str) -> str | None:
    """Run a program that only reads; None when it is not there, fails, or does not end in time."""
    try:
        done = ended(argv, COMMAND_SECONDS, {**os.environ, "LC_ALL": "C", **environment_variables})
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def unit_properties(unit: str) -> dict[str, str]:
    """Ask systemd where a unit is and whether it runs."""
    wanted = "LoadState,FragmentPath,ActiveState,UnitFileState,ExecStart"
    shown = output(["systemctl", "show", f"--property={wanted}", unit]) or ""
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def script_of(exec_start: str) -> str:
    """Find the script in a unit's ExecStart as systemd shows it; "" where it starts a program."""
    argv = re.search(r"argv\[\]=(.*?) ;", exec_start)
    for word in shlex.split(argv[1]) if argv else []:
        path = Path(word)
        if word.endswith(".sh") or (path.is_file() and _begins_as_script(path)):
            return word
    return ""


def _begins_as_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def text_of(path: str) -> str | None:
    """Read a text file; None when it is not there."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def code_of(directory: str) -> Code:
    """Look at the old checkout as git does, whoever owns it."""
    git = ["git", "-c", f"safe.directory={directory}", "-C", directory]
    commit = (output([*git, "rev-parse", "HEAD"]) or "").strip()
    changed = output([*git, "status", "--porcelain", "--untracked-files=no"], GIT_OPTIONAL_LOCKS="0") or ""
    try:
        user = pwd.getpwuid(Path(directory).stat().st_uid).pw_name
    except (FileNotFoundError, KeyError):
        user = "unknown"
    return Code(
        directory=directory,
        user=user,
        commit=commit,
        changed=tuple(line[3:] for line in changed.splitlines()),
        media_bytes=tree_bytes(f"{directory}/media"),
    )


def tree_bytes(directory: str) -> int:
    """Add the sizes of the files below a directory; links are not followed."""
    return sum((Path(parent) / name).lstat().st_size for parent, _, names in os.walk(directory) for name in names)


def commit_of(repository: str, version: str) -> str:
    """Ask a repository which commit a branch, tag or commit is; "" when it does not answer."""
    if re.fullmatch(r"[0-9a-f]{40}", version):
        return version
    listed = output(["git", "-c", "safe.directory=*", "ls-remote", repository], GIT_TERMINAL_PROMPT="0") or ""
    refs = {name: commit for commit, _, name in (line.partition("\t") for line in listed.splitlines())}
    for name in (f"refs/heads/{version}", f"refs/tags/{version}^{{}}", f"refs/tags/{version}", version):
        if name in refs:
            return refs[name]
    return ""


def process_of(pid: int) -> Process | None:
    """Describe a process by its program and first argument (the others may hold secrets), and its unit."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        group = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return None
    units = re.findall(r"([^/\s]+\.(?:service|scope))", group)
    names = [Path(word).name for word in words[:2] if word]
    return Process(pid, " ".join(names) or "?", units[-1] if units else "")


def processes_from(directory: str) -> tuple[Process, ...]:
    """Find the application's processes: they work in its directory, or run from there."""
    found = []
    inside = directory.rstrip("/") + "/"
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            working = str((entry / "cwd").readlink()) + "/"
        except OSError:
            continue
        if APPLICATION.search(command) and (working.startswith(inside) or inside in command):
            process = process_of(int(entry.name))
            if process:
                found.append(process)
    return tuple(sorted(found, key=lambda process: process.pid))


def listener_on(port: int) -> Process | None:
    """Find who listens on a TCP port."""
    shown = output(["ss", "-H", "-l", "-t", "-n", "-p", f"sport = :{port}"]) or ""
    pid = re.search(r"pid=(\d+)", shown)
    return process_of(int(pid[1])) if pid else None


def backup_lines() -> tuple[str, ...]:
    """Name the cron files that make backups, and when; a line's command may hold a password and is not shown."""
    files = [
        Path("/etc/crontab"),
        *sorted(Path("/etc/cron.d").glob("*")),
        *sorted(Path("/var/spool/cron/crontabs").glob("*")),
    ]
    return tuple(
        f"{path}: {' '.join(line.split()[:5])}"
        for path in files
        for line in (text_of(str(path)) or "").splitlines()
        if BACKUP.search(line) and not line.lstrip().startswith("#") and len(line.split()) > 5  # noqa: PLR2004 - five fields
    )


def database_of(name: str) -> tuple[Database, frozenset[str]]:
    """Look at the live database; the superusers of its server."""
    argv = ["runuser", "-u", "postgres", "--", "psql", "-XAtq", "-d", name, "-c", DATABASE_SQL]
    try:
        done = ended(argv, COMMAND_SECONDS)
    except OSError as error:
        return Database(name, "", "", 0, 0, str(error)), frozenset()
    if done.returncode != 0:
        return Database(name, "", "", 0, 0, " ".join(done.stderr.split()) or "psql failed"), frozenset()
    read = json.loads(done.stdout)
    return Database(name, read["owner"], read["collate"], read["tables"], read["size"]), frozenset(read["superusers"])


def gather(
    *,
    unit: str,
    directory: str,
    environment_file: str,
    new_environment: Mapping[str, str],
    pgbouncer_directory: str,
    database: str,
    port: int,
    target_directory: str,
    taken_over: str,
) -> Facts:
    """Read everything a takeover must know."""
    systemd = unit_properties(unit)
    script = script_of(systemd.get("ExecStart", ""))
    old_text = text_of(environment_file)
    old = environment(old_text or "")
    ini = text_of(f"{pgbouncer_directory}/pgbouncer.ini")
    seen, superusers = database_of(database)
    role = old.get("DB_USER", "postgres")
    tunnel = unit_properties("cloudflared.service")
    return Facts(
        unit=unit,
        unit_file=systemd.get("FragmentPath", ""),
        unit_state=systemd.get("ActiveState", "unknown"),
        unit_enabled=systemd.get("UnitFileState") == "enabled",
        script=script,
        script_habits=script_habits(text_of(script) or "") if script else (),
        code=code_of(directory),
        environment_file=environment_file,
        environment=None if old_text is None else compare_environments(old, new_environment),
        old_role=role,
        old_role_is_superuser=role in superusers,
        pgbouncer=None if ini is None else pgbouncer_file(ini),
        pgbouncer_users=users(text_of(f"{pgbouncer_directory}/userlist.txt") or ""),
        database=seen,
        processes=processes_from(directory),
        listener=listener_on(port),
        tunnel_state=tunnel.get("ActiveState", "") if tunnel.get("LoadState") == "loaded" else "",
        backup_lines=backup_lines(),
        free_bytes=free_bytes(target_directory),
        taken_over=taken_over,
    )
