# SPDX-License-Identifier: GPL-3.0-or-later
"""Inspect a backup to its last byte before anything is restored from it (I/O)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from . import checksum_io, custom_io, formats, refusals
from .contents import Contents
from .custom_header import CustomHeader, read_header
from .fixture import FixtureScanner
from .programs_io import find_program
from .scanner import Scanner
from .unpack_io import Source, open_source
from .versions import version_num


@dataclass(frozen=True)
class Inspection:
    """A backup that may be restored. Sizes are in bytes; ``unpacked_size`` is that of its text."""

    path: str
    format: str
    compression: str
    size: int
    unpacked_size: int
    database: str | None
    sha256: str
    sha256_verified: bool
    contents: Contents

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        contents = self.contents.as_dict()
        return {
            "path": self.path,
            "format": self.format,
            "compression": self.compression,
            "size": self.size,
            "uncompressed_size": self.unpacked_size,
            "database": self.database,
            "sha256": self.sha256,
            "sha256_verified": self.sha256_verified,
            "server_version_num": version_num(self.contents.server_version),
            "dump_version_num": version_num(self.contents.dump_version),
            **contents,
        }


def inspect(
    path: str, bin_dir: str | None = None, server_version_num: int | None = None, sha256: str | None = None
) -> Inspection:
    """Return what the backup holds; raise OperatorError when it must not or cannot be restored.

    ``sha256`` is what its manifest says, where there is one.
    ``server_version_num`` is that of the server to restore into; a backup of a newer one is refused.
    """
    with open_source(path) as source:
        expected = checksum_io.read_sidecar(path.rstrip("/"))
        scanner = FixtureScanner(path) if source.is_fixture else Scanner(path)
        header: CustomHeader | None = None
        if source.is_text or source.is_fixture:
            digest = _scan_text(source, scanner)
        else:
            header = read_header(formats.pg_dump_head(source.kind, source.head))
            if header is None:
                raise refusals.cut(path, "it ends within its table of contents")
            demand_older(path, header.server_version, server_version_num)
            if server_version_num and header.needs_server > server_version_num:
                raise refusals.newer_settings(path, header.dump_version, server_version_num)
            digest = source.sha256()
            custom_io.write_out(source.archive, path, find_program("pg_restore", bin_dir), scanner.feed)
            scanner.finish()
        if expected:
            checksum_io.demand(path, expected[0], digest, f'"{expected[1]}"')
        if sha256:
            checksum_io.demand(path, sha256, digest, "its manifest")
        contents = scanner.contents
        demand_older(path, contents.server_version, server_version_num)
        if server_version_num and contents.needs_server > server_version_num and not header:
            raise refusals.newer_settings(path, contents.dump_version, server_version_num)
        if header:
            # the text names the pg_restore that wrote it out just now; the header names the pg_dump
            contents.server_version, contents.dump_version = header.server_version, header.dump_version
            contents.needs_server = 0
        return Inspection(
            path=path,
            format=source.kind,
            compression=source.compression,
            size=source.size,
            unpacked_size=scanner.size,
            database=header.database if header else None,
            sha256=digest,
            sha256_verified=bool(expected or sha256),
            contents=contents,
        )


def _scan_text(source: Source, scanner: Scanner | FixtureScanner) -> str:
    digest = hashlib.sha256()
    for chunk in source.text(digest.update):
        scanner.feed(chunk)
    scanner.finish()
    return digest.hexdigest()


def demand_older(path: str, archive_version: str, server_version_num: int | None) -> None:
    """Raise OperatorError when the backup was taken from a newer major version than the server's."""
    number = version_num(archive_version)
    if number and server_version_num and number // 10000 > server_version_num // 10000:
        raise refusals.newer_server(path, archive_version.split(" ", maxsplit=1)[0], server_version_num)
