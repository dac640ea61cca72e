# SPDX-License-Identifier: GPL-3.0-or-later
"""Scan the text of a Django dumpdata file (a fixture in JSON): every row of it is one, and its end is there (pure).

The file is one array, which can be larger than memory: it is taken apart row by row, each in one step, whatever the
chunks are that the text comes in.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from . import refusals
from .contents import Contents

_SPACE = " \t\r\n"
_STRUCTURE = re.compile(r'[\\"{}\[\]]')
_LABEL = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*")
_RETAKE = "Take it again with: manage.py dumpdata --output NEW.json.gz, or use a backup made by pg_dump"
LONGEST_ROW = 1 << 28
"""Characters. A row that is longer was not written by dumpdata; memory must end somewhere."""


class FixtureScanner:
    """Feed it the text in chunks, then ``finish()``; both raise OperatorError when the file must be refused."""

    def __init__(self, path: str) -> None:
        self.contents = Contents()
        self.size = 0
        """Bytes of text seen."""
        self._path = path
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._wanted = "begin"
        self._at = 0
        """How far the row that is not whole yet has been looked through."""
        self._depth = 0
        self._in_string = False

    def feed(self, chunk: bytes) -> None:
        """Scan the next part of the text."""
        self.size += len(chunk)
        self._scan(chunk, final=False)

    def finish(self) -> None:
        """Scan what is left and demand the array's end."""
        self._scan(b"", final=True)
        if self._wanted != "nothing":
            rows = sum(self.contents.models.values())
            raise refusals.cut(self._path, f"the closing bracket of its list is missing, after {rows} whole rows")

    def _scan(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._text += self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            if final:
                raise refusals.cut(self._path, "it ends in the middle of a letter") from error
            raise self._refuse("it is not text in UTF-8") from error
        while self._step():
            pass

    def _step(self) -> bool:
        """Take one sign or one row from the text; False when more text is needed for it."""
        if not self._at:
            self._text = self._text.lstrip(_SPACE)
        if not self._text:
            return False
        sign = self._text[0]
        if self._wanted == "begin" and sign == "[":
            return self._take("row or end")
        if self._wanted in {"row or end", "comma or end"} and sign == "]":
            return self._take("nothing")
        if self._wanted == "comma or end" and sign == ",":
            return self._take("row")
        if self._wanted in {"row", "row or end"} and sign == "{":
            return self._row()
        found = "more text behind its list" if self._wanted == "nothing" else f'"{sign}" in the place of a row'
        raise self._refuse(f"after {sum(self.contents.models.values())} rows it holds {found}")

    def _take(self, wanted: str) -> bool:
        self._text, self._wanted = self._text[1:], wanted
        return True

    def _row(self) -> bool:
        """Look on for the row's end, from where the last look stopped."""
        text, at = self._text, self._at
        while found := _STRUCTURE.search(text, at):
            at, sign = found.end(), found[0]
            if sign == "\\":
                if at == len(text):
                    # What is escaped comes with the next chunk.
                    self._at = at - 1
                    return False
                at += 1
            elif sign == '"':
                self._in_string = not self._in_string
            elif not self._in_string:
                self._depth += 1 if sign in "{[" else -1
                if not self._depth:
                    self._see(text[:at])
                    self._text, self._at, self._wanted = text[at:], 0, "comma or end"
                    return True
        self._at = len(text)
        if self._at > LONGEST_ROW:
            raise self._refuse(f"a row of it is longer than {LONGEST_ROW} characters")
        return False

    def _see(self, text: str) -> None:
        models = self.contents.models
        number = sum(models.values()) + 1
        try:
            row: Any = json.loads(text)
        except ValueError as error:
            raise self._refuse(f"its row {number} is not JSON ({error})") from error
        label = row.get("model")
        if not isinstance(label, str) or not _LABEL.fullmatch(label) or not isinstance(row.get("fields"), dict):
            raise self._refuse(f"its row {number} has no model and fields, as every row that dumpdata writes has")
        models[label.lower()] = models.get(label.lower(), 0) + 1

    def _refuse(self, cause: str) -> Exception:
        return refusals.refusal(self._path, cause, _RETAKE)
