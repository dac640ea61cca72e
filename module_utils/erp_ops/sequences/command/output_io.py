# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the command's words go: stdout, stderr, files (I/O)."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ... import durable_io
from ...errors import OperatorError
from ...language import ARABIC, ENGLISH, language_of
from ...standard_output_io import forget_output
from ...terminal import visible, wants_colour
from ...translation import error_text
from .arguments import PROGRAM
from .render import Screen
from .verdict import EXIT_CRITICAL, EXIT_UNKNOWN, severity_of
from .words import for_command


class Output:
    """``as_json``: stdout is for a program, so whatever a person should know goes to stderr.

    That nobody can be shown anything, because the reader of a pipe is gone or the disk of a log is full, ends no run:
    files and alerts are still to be written. ``finish`` makes an exit status of it.
    """

    def __init__(self, language: str | None, *, as_json: bool) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        self.screen = _screen(language)
        self._as_json = as_json
        self._lost: OSError | None = None

    @property
    def is_unread(self) -> bool:
        """Whether the reader of stdout is gone for good."""
        return isinstance(self._lost, BrokenPipeError)

    def finish(self, status: int) -> int:
        """The exit status of a run: one that nobody could be shown is no success, and hides nothing critical."""
        if self._lost is None:
            return status
        forget_output()
        return status if status == EXIT_CRITICAL else max(status, EXIT_UNKNOWN)

    def complain(self, error: OperatorError) -> None:
        """Say an error on stderr, in the reader's language and with the command's options."""
        self._say(for_command(error_text(error, self.screen.language)))

    def note(self, warning: str) -> None:
        """Say on stderr what should be read although nothing failed."""
        self._say(f"{self.screen.say('note')}: {' '.join(self.screen.sentence(warning))}")

    def failed(self, error: OperatorError) -> None:
        """The whole run ended so."""
        self.complain(error)
        if self._as_json:
            self._dump({"failed": True, "msg": str(error)})

    def result(self, result: dict[str, Any], lines: Iterable[str]) -> None:
        """The result, as JSON on one line or as lines for a person."""
        if self._as_json:
            self._dump(result)
        else:
            self._print("\n".join(lines) + "\n")

    def text(self, text: str) -> None:
        """Print a text as it is."""
        self._print(text)

    def file(self, path: str, result: dict[str, Any], database: str) -> None:
        """Write a result with its time to a file. Raises OperatorError where that cannot be done."""
        content = {
            "checked_at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "database": database,
            "severity": severity_of(result["summary"]),
            **result,
        }
        self.write(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def write(self, path: str, text: str) -> None:
        """Write a text to a file, and say so. Raises OperatorError where that cannot be done."""
        try:
            durable_io.write(path, text)
        except OSError as error:
            raise OperatorError(
                f'cannot write "{path}"',
                error.strerror or str(error),
                "Name a file in a folder that this user may write to and whose disk has room",
            ) from error
        if not self._as_json:
            self._print(self.screen.say("written", path=visible(path)) + "\n")

    def _say(self, sentence: str) -> None:
        try:
            print(f"{PROGRAM}: {visible(sentence)}", file=sys.stderr, flush=True)
        except OSError:  # there is nobody left to tell
            forget_output(sys.stderr)

    def _dump(self, result: dict[str, Any]) -> None:
        self._print(json.dumps(result, ensure_ascii=False) + "\n")

    def _print(self, text: str) -> None:
        if self.is_unread:
            return
        try:
            print(text, end="", flush=True)
        except OSError as error:
            if self._lost is None and not isinstance(error, BrokenPipeError):
                self.complain(
                    OperatorError(
                        "cannot show the result",
                        error.strerror or str(error),
                        "Send it where there is room; everything else went on",
                    )
                )
            self._lost = error


def _screen(language: str | None) -> Screen:
    """The window, if there is one. A locale that asks for Arabic in an encoding without it gets English."""
    terminal = sys.stdout.isatty()
    columns = os.environ.get("COLUMNS", "")
    room = shutil.get_terminal_size().columns if terminal else int(columns) if columns.isdecimal() else None
    spoken = language_of(os.environ)
    if spoken == ARABIC and not _can_print("تسلسل"):
        spoken = ENGLISH
    return Screen(language or spoken, room, wants_colour(os.environ, is_terminal=terminal))


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
