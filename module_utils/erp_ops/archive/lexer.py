# SPDX-License-Identifier: GPL-3.0-or-later
"""Split a plain SQL dump into statements, comments, psql commands and COPY data, in bounded memory.

The text is cut where psql cuts it (its ``psqlscan.l``), because psql is what will run it: a backslash outside quotes
is a command to psql wherever it stands on the line, a carriage return ends a comment, and ``;`` inside parentheses or
inside ``BEGIN ATOMIC ... END`` does not end a statement. Searching for words at line starts was rejected: rows and
function bodies hold such lines, and psql obeys commands that are not at a line start.

Statements arrive as a skeleton: comments are blanks, long literals are cut, dollar-quoted bodies are ``$$``. COPY data,
which is nearly all of a dump, is never looked at by line: only its end is searched and its newlines are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .events import AfterCopy, Comment, CopyData, Event, PsqlCommand, Statement, Unclear, Unfinished
from .inserts import take_inserts
from .tokens import reads_copy_data, routine_is_open
from .words import NAME_BEGINS, string_prefix, unclear_comment, unclear_string, word_start

SKELETON_LIMIT = 1 << 20
"""Bytes kept of one statement; the rest of a longer one (rows of an INSERT) is scanned but not kept."""
LITERAL_LIMIT = 128
"""Bytes kept of one string literal."""
COMMENT_LIMIT = 256
"""Bytes kept of one comment."""

_INTERESTING = re.compile(rb"""[;'"()\\$]|--|/\*|[-/]\Z""")
_ESCAPE_END = re.compile(rb"[\\']")
_LINE_END = re.compile(rb"[\n\r]")
_BLOCK_COMMENT = re.compile(rb"/\*|\*/")
_DOLLAR_QUOTE = re.compile(rb"\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$")
_DOLLAR_QUOTE_BEGUN = re.compile(rb"\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]{0,200})?\Z")
_CONTINUATION = re.compile(rb"(?:[ \t\n\r\f\v]|--[^\n\r]*(?=[\n\r]))*")
_STANDARD_STRINGS = re.compile(
    rb"\s*set\s+(?:session\s+|local\s+)?standard_conforming_strings\s*(?:=|\bto\b)\s*'?(\w+)'?\s*\Z", re.IGNORECASE
)
_STANDARD_STRINGS_BY_FUNCTION = re.compile(rb"set_config\s*\(\s*'standard_conforming_strings'", re.IGNORECASE)
_NEED_MORE = -1


class Lexer:
    """Feed it bytes, then ``finish()``; both yield events in the order of the text."""

    def __init__(self) -> None:
        self._buffer = b""
        self._position = 0
        self._base_offset = 0
        self._line = 1
        self._line_mark = 0
        self._state = self._in_sql
        self._eof = False
        self._events: list[Event] = []
        # the statement being read
        self._pieces: list[bytes] = []
        self._recent = b""
        self._size = 0
        self._depth = 0
        self._groups = 0
        self._start_line: int | None = None
        # the literal, comment or data being read
        self._standard_strings = True
        self._literal = b""
        self._tag = b""
        self._comment_depth = 0
        self._rows = 0
        self._data_start = 0

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield what is complete after ``chunk``."""
        self._line_at(self._position)
        self._base_offset += self._position
        if self._position < len(self._buffer):
            self._buffer = self._buffer[self._position :] + chunk
        else:
            self._buffer = chunk
        self._position = self._line_mark = 0
        yield from self._run()

    def finish(self) -> Iterator[Event]:
        """Yield what the end of the text completes, and ``Unfinished`` when something stays open."""
        self._eof = True
        yield from self._run()
        what = self._open_thing()
        if what:
            yield Unfinished(what, self._line_at(len(self._buffer)))

    def _run(self) -> Iterator[Event]:
        while self._position < len(self._buffer) or (self._eof and self._state == self._in_comment):
            position = self._state()
            if self._events:
                yield from self._events
                self._events.clear()
            if position == _NEED_MORE:
                return
            self._position = position

    def _line_at(self, position: int) -> int:
        """Return the line of a position; each newline is counted once, since positions only grow."""
        if position > self._line_mark:
            self._line += self._buffer.count(b"\n", self._line_mark, position)
            self._line_mark = position
        return self._line

    def _open_thing(self) -> str:
        names = {
            self._in_copy: "the rows of a COPY",
            self._in_string: "a string",
            self._in_escape_string: "a string",
            self._in_name: "a quoted name",
            self._in_dollar: "a function body",
            self._in_block_comment: "a comment",
        }
        if self._state in names:
            return names[self._state]
        return "a statement" if b"".join(self._pieces).strip() or self._buffer[self._position :].strip() else ""

    def _unclear(self, what: str, position: int) -> None:
        self._events.append(Unclear(what, self._line_at(position)))

    def _keep(self, piece: bytes, position: int) -> None:
        """Add code to the statement being read; ``position`` is where ``piece`` begins in the buffer."""
        if self._start_line is None:
            bare = piece.lstrip()
            if not bare:
                return
            begin = position + len(piece) - len(bare)
            self._start_line = self._line_at(begin)
            piece = bare
        if self._size < SKELETON_LIMIT:
            self._pieces.append(piece)
        self._size += len(piece)
        self._recent = (self._recent + piece)[-64:]

    def _in_sql(self) -> int:
        """Like every state, it returns the next position, or _NEED_MORE."""
        buffer, begin = self._buffer, self._position
        if self._start_line is None and self._standard_strings:
            after, inserted = take_inserts(buffer, begin)
            if inserted:
                self._events.append(inserted)
                return after
        at, mark = self._next_mark(begin)
        if not mark:
            self._keep(buffer[begin:at], begin)
            return at if at > begin or self._eof else _NEED_MORE
        if mark == b"\\":
            return self._psql_command(begin, at)
        if mark.startswith(b"$"):
            self._keep(buffer[begin:at] + b" $$ ", begin)
            self._tag, self._state = mark, self._in_dollar
            return at + len(mark)
        return self._token(begin, at, mark)

    def _next_mark(self, begin: int) -> tuple[int, bytes]:
        """Return where the next mark of SQL stands, and the mark; an empty one where more text must tell."""
        buffer, scan = self._buffer, begin
        while True:
            found = _INTERESTING.search(buffer, scan)
            if not found:
                return len(buffer) if self._eof else word_start(buffer, begin, len(buffer)), b""
            at, mark = found.start(), found.group()
            if mark == b"$":
                quote = self._dollar_quote(begin, at)
                if quote is None:
                    return word_start(buffer, begin, at), b""
                if quote:
                    return at, quote
            elif mark not in (b"-", b"/"):
                return at, mark
            elif not self._eof:
                return at, b""
            scan = at + 1

    def _token(self, begin: int, at: int, token: bytes) -> int:
        buffer = self._buffer
        code = buffer[begin:at]
        if token == b"'":
            before = self._recent + code
            prefix, what = string_prefix(code), unclear_string(before, self._standard_strings)
            if what:
                self._unclear(what, at)
            escapes = prefix == b"e" or (not self._standard_strings and prefix not in (b"b", b"x"))
            self._keep(code[:-1] + b" " if prefix == b"e" else code, begin)
            if self._start_line is None:
                self._start_line = self._line_at(at)
            self._literal = b""
            self._state = self._in_escape_string if escapes else self._in_string
        elif token == b'"':
            self._keep(code + b'"', begin)
            self._state = self._in_name
        elif token == b"--":
            if unclear_comment(self._recent + code):
                self._unclear("a number that runs into a comment", at)
            self._keep(code + b" ", begin)
            self._literal = b""
            self._state = self._in_comment
        elif token == b"/*":
            self._keep(code + b" ", begin)
            self._comment_depth = 1
            self._state = self._in_block_comment
        elif token == b";":
            self._keep(code, begin)
            return self._semicolon(at)
        else:
            self._keep(code + token, begin)
            if token == b"(":
                self._groups += self._depth == 0
                self._depth += 1
            elif self._depth > 0:
                self._depth -= 1
        return at + len(token)

    def _dollar_quote(self, begin: int, at: int) -> bytes | None:
        """Return the opening quote at ``at``, empty when this dollar opens none, None when more text must tell."""
        word = self._buffer[word_start(self._buffer, begin, at) : at]
        if NAME_BEGINS.match(word):
            return b""  # a dollar inside a name
        opening = _DOLLAR_QUOTE.match(self._buffer, at)
        if opening:
            if word:
                self._unclear("a number that runs into a dollar quote", at)
            return opening.group()
        return None if not self._eof and _DOLLAR_QUOTE_BEGUN.match(self._buffer, at) else b""

    def _psql_command(self, begin: int, at: int) -> int:
        buffer = self._buffer
        end = buffer.find(b"\n", at)
        if end < 0 and not self._eof and len(buffer) - at < COMMENT_LIMIT:
            return _NEED_MORE
        at_end = end < 0 and self._eof
        end = len(buffer) if end < 0 else end
        self._keep(buffer[begin:at], begin)
        text = buffer[at : min(end, at + COMMENT_LIMIT)].rstrip(b"\r")
        inside = self._start_line is not None
        self._events.append(PsqlCommand(text, self._line_at(at), inside, at_end))
        return end

    def _semicolon(self, at: int) -> int:
        skeleton = b"".join(self._pieces)
        if self._depth or routine_is_open(skeleton):
            self._keep(b";", at)
            return at + 1
        line = self._start_line
        if line is None:
            return at + 1
        if reads_copy_data(skeleton):
            end = self._buffer.find(b"\n", at)
            if end < 0 and not self._eof and len(self._buffer) - at < COMMENT_LIMIT:
                # keep the semicolon for the next chunk, and what was kept of the statement with it
                self._position = at
                return _NEED_MORE
            end = len(self._buffer) if end < 0 else end
            if self._buffer[at + 1 : end].strip():
                self._events.append(AfterCopy(self._line_at(at)))
            self._rows, self._data_start, self._state = 0, self._base_offset + end, self._in_copy
            after = end
        else:
            after = at + 1
        self._note_standard_strings(skeleton)
        self._events.append(Statement(skeleton, self._groups, line, self._size > SKELETON_LIMIT))
        self._pieces, self._recent, self._size, self._depth, self._groups, self._start_line = [], b"", 0, 0, 0, None
        return after

    def _note_standard_strings(self, skeleton: bytes) -> None:
        if b"standard_conforming_strings" not in skeleton.lower():
            return
        plain = _STANDARD_STRINGS.match(skeleton)
        if plain:
            self._standard_strings = plain.group(1).lower() not in (b"off", b"false", b"no", b"0")
        elif _STANDARD_STRINGS_BY_FUNCTION.search(skeleton):
            self._standard_strings = b"'off'" not in skeleton.lower()

    def _in_string(self) -> int:
        # '' closes and opens at once: the same text, cut in two literals
        end = self._buffer.find(b"'", self._position)
        stop = len(self._buffer) if end < 0 else end
        self._grow_literal(stop)
        if end < 0:
            return stop
        self._close_literal()
        self._state = self._in_sql
        return end + 1

    def _in_escape_string(self) -> int:
        found = _ESCAPE_END.search(self._buffer, self._position)
        if not found:
            self._grow_literal(len(self._buffer))
            return len(self._buffer)
        at = found.start()
        if at + 1 >= len(self._buffer) and not self._eof:
            return _NEED_MORE
        self._grow_literal(at)
        following = self._buffer[at + 1 : at + 2]
        if found.group() == b"\\" or following == b"'":
            self._literal += following[: max(0, LITERAL_LIMIT - len(self._literal))]
            return min(at + 2, len(self._buffer))
        self._close_literal()
        self._state = self._after_escape_string
        return at + 1

    def _after_escape_string(self) -> int:
        """To the server a quote after a line break continues the literal and its escapes; to psql it begins another."""
        blank = _CONTINUATION.match(self._buffer, self._position)
        end = blank.end() if blank else self._position
        rest = self._buffer[end : end + 2]
        undecided = rest in (b"", b"-", b"--") and len(self._buffer) - self._position < SKELETON_LIMIT
        if undecided and not self._eof:
            return _NEED_MORE
        if rest[:1] == b"'" and self._standard_strings and _LINE_END.search(self._buffer, self._position, end):
            self._unclear("an escape string that goes on in another line", end)
        self._state = self._in_sql
        return self._position

    def _grow_literal(self, stop: int) -> None:
        room = LITERAL_LIMIT - len(self._literal)
        if room > 0:
            self._literal += self._buffer[self._position : min(stop, self._position + room)]

    def _close_literal(self) -> None:
        self._keep(b"'" + self._literal.replace(b"'", b"''") + b"'", self._position)

    def _in_name(self) -> int:
        end = self._buffer.find(b'"', self._position)
        stop = len(self._buffer) if end < 0 else end + 1
        self._keep(self._buffer[self._position : stop], self._position)
        if end >= 0:
            self._state = self._in_sql
        return stop

    def _in_dollar(self) -> int:
        end = self._buffer.find(self._tag, self._position)
        if end < 0:
            keep = len(self._tag) - 1
            stop = max(self._position, len(self._buffer) - (0 if self._eof else keep))
            return stop if stop > self._position else _NEED_MORE
        self._state = self._in_sql
        return end + len(self._tag)

    def _in_comment(self) -> int:
        found = _LINE_END.search(self._buffer, self._position)
        stop = found.start() if found else len(self._buffer)
        room = COMMENT_LIMIT - len(self._literal)
        self._literal += self._buffer[self._position : min(stop, self._position + room)] if room > 0 else b""
        if found or self._eof:
            self._events.append(Comment(self._literal.strip(), self._line_at(stop)))
            self._state = self._in_sql
        return stop

    def _in_block_comment(self) -> int:
        found = _BLOCK_COMMENT.search(self._buffer, self._position)
        if not found:
            stop = len(self._buffer) - (0 if self._eof else 1)
            return stop if stop > self._position else _NEED_MORE
        self._comment_depth += 1 if found.group() == b"/*" else -1
        if not self._comment_depth:
            self._state = self._in_sql
        return found.end()

    def _in_copy(self) -> int:
        """The position stands on the newline before a row, so that each newline counts one row."""
        buffer, begin = self._buffer, self._position
        scan = begin
        while True:
            end = buffer.find(b"\n\\.", scan)
            if end < 0:
                break
            following = buffer[end + 3 : end + 5]
            if following[:1] == b"\n" or following == b"\r\n":
                self._count_rows(begin, end)
                self._events.append(CopyData(self._rows, self._base_offset + end - self._data_start))
                self._state = self._in_sql
                return end + 3
            if following in (b"", b"\r") and not self._eof:
                self._count_rows(begin, end)
                self._position = end
                return _NEED_MORE
            scan = end + 3
        stop = len(buffer) if self._eof else max(begin, len(buffer) - 2)
        self._count_rows(begin, stop)
        return stop if stop > begin else _NEED_MORE

    def _count_rows(self, begin: int, end: int) -> None:
        self._line_at(begin)
        rows = self._buffer.count(b"\n", begin, end)
        self._rows += rows
        self._line += rows
        self._line_mark = end
