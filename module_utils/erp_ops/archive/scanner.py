# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan the text of a dump: refuse what must not run, gather what it holds, prove that its end is there.

One scanner serves every format: plain text as it is, ``.gz`` unpacked, and the custom format as pg_restore writes it
out. It also runs while a dump is loaded, a chunk ahead of psql.
"""

from __future__ import annotations

import re

from . import refusals
from .contents import Contents, Name
from .events import AfterCopy, Comment, CopyData, Event, InsertedRows, PsqlCommand, Statement, Unclear, Unfinished
from .lexer import Lexer
from .refusals import RETAKE
from .statements import copied_table, inserted_table, judge
from .tokens import reads_copy_data

HEADER = b"PostgreSQL database dump"
CLUSTER_HEADER = b"PostgreSQL database cluster dump"
COMPLETE = b"PostgreSQL database dump complete"

_FROM_SERVER = re.compile(rb"Dumped from database version (.+)")
_BY_PG_DUMP = re.compile(rb"Dumped by pg_dump version (.+)")
_RESTRICT = re.compile(rb"\\(restrict|unrestrict)[ \t]+([A-Za-z0-9]+)[ \t]*\Z")
_RESTRICT_BEGUN = re.compile(rb"\\(?:u|un|unr|r|(?:un)?re(?:s|st|str|stri|stric|strict(?:[ \t]+[A-Za-z0-9]*)?)?)?\Z")
_CONNECT = re.compile(rb"\\c(?:onnect)?(?:[^a-z]|\Z)")
_COMMAND_WORD = re.compile(rb"\\(?:[a-z_]+\+?|.)?", re.IGNORECASE)


class Scanner:
    """Feed it the text in chunks, then ``finish()``; both raise OperatorError when the dump must be refused."""

    def __init__(self, path: str) -> None:
        self.contents = Contents()
        self.size = 0
        """Bytes of text seen."""
        self._path = path
        self._lexer = Lexer()
        self._copying: Name | None = None
        self._complete = False
        self._key: bytes | None = None
        self._closed = False
        self._open = ""

    def feed(self, chunk: bytes) -> None:
        """Scan the next part of the text."""
        self.size += len(chunk)
        for event in self._lexer.feed(chunk):
            self._see(event)

    def finish(self) -> None:
        """Scan what is left and demand the end that pg_dump writes."""
        for event in self._lexer.finish():
            self._see(event)
        if self._open:
            raise refusals.cut(self._path, self._open)
        if not self._complete:
            raise refusals.cut(self._path, 'its last line "-- PostgreSQL database dump complete" is missing')
        if self._key and not self._closed:
            raise refusals.cut(self._path, r"its last line, \unrestrict, is missing")

    def _see(self, event: Event) -> None:
        if isinstance(event, CopyData):
            if self._copying:
                self.contents.add_rows(self._copying, event.rows)
                self.contents.data_bytes += event.size
            return
        if isinstance(event, Comment):
            self._comment(event)
        elif isinstance(event, PsqlCommand):
            self._command(event)
        elif isinstance(event, Unfinished):
            self._open = f"it ends in the middle of {event.what}, in line {event.line}"
        elif isinstance(event, Unclear):
            raise self._refuse(
                f"it holds {event.what}, which pg_dump does not write and which psql and the server read in different "
                "ways",
                RETAKE,
                event.line,
            )
        elif isinstance(event, AfterCopy):
            raise self._refuse(
                "it has text behind the semicolon of a COPY, which psql would run after the rows", RETAKE, event.line
            )
        else:
            self._demand_incomplete()
            self._statement(event)

    def _statement(self, event: Statement | InsertedRows) -> None:
        if isinstance(event, InsertedRows):
            self.contents.add_rows(inserted_table(event.head, self.contents), event.rows)
            return
        rejection = judge(event, self.contents)
        if rejection:
            raise self._refuse(rejection.cause, rejection.remedy, event.line)
        if reads_copy_data(event.skeleton):
            self._copying = copied_table(event, self.contents)

    def _comment(self, comment: Comment) -> None:
        text = comment.text
        if text == COMPLETE:
            self._demand_incomplete()
            self._complete = True
        elif text == HEADER:
            self._demand_incomplete()
        elif text == CLUSTER_HEADER:
            raise self._refuse(
                "it holds the output of pg_dumpall, which acts on every database and role of a server",
                "Take a backup of the one database: pg_dump --format=custom --file=NEW.dump DATABASE",
                comment.line,
            )
        elif text.startswith(b"Dumped "):
            self._versions(text)

    def _versions(self, text: bytes) -> None:
        server, program = _FROM_SERVER.match(text), _BY_PG_DUMP.match(text)
        if server and not self.contents.server_version:
            self.contents.server_version = server.group(1).decode("utf-8", "backslashreplace")
        if program and not self.contents.dump_version:
            self.contents.dump_version = program.group(1).decode("utf-8", "backslashreplace")

    def _demand_incomplete(self) -> None:
        if self._complete:
            raise refusals.damaged(self._path, 'something follows its last line "-- PostgreSQL database dump complete"')

    def _command(self, command: PsqlCommand) -> None:
        guard = _RESTRICT.match(command.text)
        if guard and not command.inside and self._guards(guard.group(1), guard.group(2)):
            return
        if command.at_end and _RESTRICT_BEGUN.match(command.text):
            self._open = f"it ends in the middle of a line, line {command.line}"
            return
        found = _COMMAND_WORD.match(command.text)
        name = (found.group() if found else b"\\").decode("utf-8", "backslashreplace")
        if _CONNECT.match(command.text):
            target = command.text.split(None, 1)[1:] or [b""]
            raise self._refuse(
                f"it holds {name} {target[0].decode('utf-8', 'backslashreplace').strip()}".rstrip()
                + " (pg_dump -C/--create writes it), which leaves the side database and would write into the live one",
                RETAKE,
                command.line,
            )
        if guard and guard.group(1) == b"unrestrict" and guard.group(2) == self._key and not self._complete:
            raise self._refuse(
                r"it lifts its guard (\unrestrict) before its end, as pg_dump -C/--create does to leave the database "
                r"with \connect",
                RETAKE,
                command.line,
            )
        if command.text == b"\\.":
            raise refusals.damaged(
                self._path, f"it has the end mark of rows (\\.) where no rows are, in line {command.line}"
            )
        raise self._refuse(
            f"it holds the psql command {name}, which pg_dump does not write and which could run programs or read and "
            "write files",
            RETAKE,
            command.line,
        )

    def _guards(self, name: bytes, key: bytes) -> bool:
        """Accept the one \\restrict of a dump, and its \\unrestrict once the dump is complete."""
        if name == b"restrict" and self._key is None and not self._complete:
            self._key = key
            return True
        if name == b"unrestrict" and self._complete and not self._closed and key == self._key:
            self._closed = True
            return True
        return False

    def _refuse(self, cause: str, remedy: str, line: int) -> Exception:
        return refusals.refusal(self._path, f"{cause} (line {line})", remedy)
