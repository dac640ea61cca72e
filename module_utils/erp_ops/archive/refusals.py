# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sentence with which a backup is refused, in one place."""

from __future__ import annotations

from pathlib import PurePath

from ..errors import OperatorError

RETAKE = "Take the backup again with: pg_dump --format=custom --file=NEW.dump DATABASE (without -C/--create)"
"""The remedy that always leads to an archive this toolkit accepts."""


def refusal(path: str, cause: str, remedy: str) -> OperatorError:
    """Say that a backup cannot be used, why, and what to do."""
    return OperatorError(f'cannot restore the backup "{path}"', cause, remedy)


def other_backup(path: str) -> str:
    """Return the remedy for a backup that is beyond repair."""
    return (
        "Copy it again from where it was made, or use another backup "
        f'(ls -lt "{PurePath(path).parent}" shows the newest first)'
    )


def missing(path: str) -> OperatorError:
    """Say that there is no such file."""
    return refusal(
        path,
        "there is no such file on this host",
        f'Correct the path (ls -lt "{PurePath(path).parent}" shows what is there), or copy the backup to this host',
    )


def unreadable(path: str, reason: str) -> OperatorError:
    """Say that the file cannot be opened or read."""
    return refusal(
        path,
        f"it cannot be read ({reason})",
        "Run as a user who may read it (become: true), and when the reason is not a permission, check the disk "
        "(dmesg --level=err) and copy the backup elsewhere first",
    )


def directory(path: str) -> OperatorError:
    """Say that it is a directory, and not one that pg_dump wrote."""
    return refusal(
        path,
        "it is a directory, not a file, and not one that pg_dump wrote (it holds no toc.dat)",
        f'Name the file in it (ls -lt "{path}" shows what is there)',
    )


def not_regular(path: str) -> OperatorError:
    """Say that it is a pipe, a socket or a device."""
    return refusal(
        path,
        "it is a pipe, a socket or a device, which can be read only once",
        "Write the backup to a regular file first",
    )


def empty(path: str) -> OperatorError:
    """Say that the file has no bytes."""
    return refusal(path, "it is empty (0 bytes): the job that wrote it failed or its disk was full", other_backup(path))


def cut(path: str, where: str) -> OperatorError:
    """Say that the end is missing; ``where`` tells how that is known."""
    return refusal(path, f"it was cut off: {where}", other_backup(path))


def damaged(path: str, how: str) -> OperatorError:
    """Say that the content does not agree with its own checksums or structure."""
    return refusal(path, f"it is damaged: {how}", other_backup(path))


def newer_server(path: str, archive_version: str, server_version_num: int) -> OperatorError:
    """Say that the archive comes from a newer PostgreSQL than the one to restore into."""
    server = server_version_num // 10000
    return refusal(
        path,
        f"it was taken from PostgreSQL {archive_version}, and this server is PostgreSQL {server}, which is older",
        f"Restore on a server of PostgreSQL {archive_version.split('.', maxsplit=1)[0]} or newer",
    )


def newer_settings(path: str, dump_version: str, server_version_num: int) -> OperatorError:
    """Say that pg_dump wrote a setting the server does not know."""
    server = server_version_num // 10000
    return refusal(
        path,
        f"pg_dump {dump_version} wrote it with settings (transaction_timeout) that this PostgreSQL {server} does not "
        "know",
        f"Take the backup again with the pg_dump of the server: /usr/lib/postgresql/{server}/bin/pg_dump "
        "--format=custom --file=NEW.dump DATABASE",
    )


def wrong_checksum(path: str, expected: str, found: str, source: str) -> OperatorError:
    """Say that the SHA-256 is not the one that was written down when the backup was made."""
    return refusal(
        path,
        f"its SHA-256 is {found[:16]}..., but {source} says {expected[:16]}...: it was changed or damaged since",
        other_backup(path),
    )


def unusable_checksum(path: str, sidecar: str) -> OperatorError:
    """Say that a checksum file lies beside the backup but tells no checksum of it."""
    return refusal(
        path,
        f'"{sidecar}" lies beside it but holds no SHA-256 of it, so the backup cannot be verified',
        f'Write it anew on the host that made the backup (sha256sum "{PurePath(path).name}" > '
        f'"{PurePath(sidecar).name}"), or remove it',
    )


def no_program(program: str, where: str, package: str = "postgresql-client") -> OperatorError:
    """Say that a program of PostgreSQL's client is not installed."""
    return OperatorError(
        f"cannot find {program}",
        f"there is none in {where}",
        f"Install it (apt-get install {package})"
        + (", or name its folder in bin_dir" if package == "postgresql-client" else ""),
    )


def unreadable_by_pg_restore(path: str, reason: str) -> OperatorError:
    """Say that pg_restore cannot read a custom archive for another reason than damage."""
    return refusal(
        path,
        f"pg_restore cannot read it ({reason})",
        "Install the postgresql-client package of the version that took the backup, or newer",
    )
