# SPDX-License-Identifier: GPL-3.0-or-later
"""A second copy off the host: rsync over SSH, encrypted with age where public keys are given (I/O).

A backup that is not copied yet is copied by the next run, so that a night without network leaves no gap. Nothing is
ever deleted there: whoever takes over this host must not be able to remove the copies through it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from ..archive.source_io import open_backup, sha256_of
from ..errors import OperatorError
from . import catalog_io, files_io
from .bound_io import Bound, run
from .manifest import PART
from .settings import Settings

_SSH_SECONDS = 15


def copy(settings: Settings, bound: Bound) -> tuple[str, ...]:
    """Copy each good backup that is not off the host yet, oldest first; return the paths."""
    copied = []
    for backup in reversed(catalog_io.list_backups(settings.directory)):
        if not backup.good or not backup.manifest or backup.manifest.copied_at:
            continue
        if settings.copy_age_recipients:
            _copy_encrypted(settings, backup.path, bound)
        else:
            _rsync(settings, [backup.path, f"{backup.path}.sha256", f"{backup.path}.json"], bound)
        files_io.mark_copied(backup.path, backup.manifest)
        copied.append(backup.path)
    return tuple(copied)


def _copy_encrypted(settings: Settings, path: str, bound: Bound) -> None:
    """Copy it as ``.age``; the manifest stays here, since it names tables."""
    sealed = f"{path}.age"
    part = f"{sealed}{PART}"
    keys = [option for key in settings.copy_age_recipients for option in ("--recipient", key)]
    try:
        status, message = run(["/usr/bin/age", *keys, "--output", part, path], bound)
        if status:
            raise _failed(settings, path, f"age: {message}", "Correct the public keys in backup_copy_age_recipients")
        Path(part).rename(sealed)
        with open_backup(sealed) as file:
            digest = sha256_of(file, sealed)
        files_io.write(f"{sealed}.sha256", f"{digest}  {Path(sealed).name}\n")
        _rsync(settings, [sealed, f"{sealed}.sha256"], bound)
    finally:
        for name in (part, sealed, f"{sealed}.sha256"):
            Path(name).unlink(missing_ok=True)


def _rsync(settings: Settings, paths: list[str], bound: Bound) -> None:
    """Copy files under their names; rsync itself writes aside and renames."""
    ssh = ["/usr/bin/ssh", "-p", str(settings.copy_ssh_port), "-o", "BatchMode=yes"]
    ssh += ["-o", "StrictHostKeyChecking=yes", "-o", f"ConnectTimeout={_SSH_SECONDS}"]
    ssh += ["-o", f"ServerAliveInterval={_SSH_SECONDS}", "-o", "IdentitiesOnly=yes"]
    if settings.copy_ssh_key:
        ssh += ["-i", settings.copy_ssh_key]
    if settings.copy_ssh_known_hosts:
        ssh += ["-o", f"UserKnownHostsFile={settings.copy_ssh_known_hosts}"]
    command = ["/usr/bin/rsync", "--times", "--chmod=F0640", "--checksum", f"--rsh={shlex.join(ssh)}", "--", *paths]
    status, message = run([*command, f"{settings.copy_to.rstrip('/')}/"], bound)
    if status:
        raise _failed(
            settings,
            paths[0],
            message,
            "Check the way there (sudo -u postgres ssh, the key, backup_copy_ssh_known_hosts, the folder); the next "
            "run copies what is missing",
        )


def _failed(settings: Settings, path: str, why: str, remedy: str) -> OperatorError:
    return OperatorError(
        f"{Path(path).name} is good, but was not copied to {settings.copy_to}", why.rstrip("."), remedy
    )
