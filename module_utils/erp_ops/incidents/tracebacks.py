# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Python traceback says: the exception that ended it, and the application's line that it came from. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .lines import GROUP_TRACEBACK, TRACEBACK

# A log may hold what somebody sent in, so that each part has a bound.
_FRAME = re.compile(rb'^[ \t]*File "([^"\n]{1,500})", line (\d{1,9})(?:, in ([^\r\n]{1,200}))?', re.MULTILINE)
_EXCEPTION = re.compile(rb"^([A-Za-z_][\w.]{0,200}(?:<locals>[\w.]{1,100})?)(?::[ \t]?([^\r\n]*))?\r?$", re.MULTILINE)
# What stands before each line of an exception group, further in for its members, and what parts these.
_MARGIN = re.compile(rb"^ *(?:[|+] ?|\+-\+-+ (?:\d+|\.\.\.) -+)", re.MULTILINE)
_LIBRARY = (b"/site-packages/", b"/dist-packages/", b"/lib/python3", b"/lib64/python3", b"<")
# What stands before the part of a path that stays the same from release to release.
_RELEASE = re.compile(rb"^.*/(?:releases/[^/]+|current)/(?:app/)?")


@dataclass(frozen=True)
class Raised:
    """``file``: as the application's developers name it, relative to its root where that is known. ``line``: 0 and
    ``file`` empty where no frame is the application's."""

    exception: str
    message: str
    file: str
    line: int
    function: str


def raised(text: bytes, roots: tuple[bytes, ...] = ()) -> Raised | None:
    """The last exception of a record, with those it was chained to; None where there is no traceback.

    ``roots``: the application's directories, each ending with a slash. The frame is the innermost of the application
    in the last traceback, or, where that is within libraries only, in the one before. Of an exception group that is its
    last member.
    """
    if GROUP_TRACEBACK in text:
        text = _MARGIN.sub(b"", text)
    blocks = text.split(TRACEBACK)[1:]
    if not blocks:
        return None
    exception, message = _exception(blocks[-1])
    for block in reversed(blocks):
        for path, line, function in reversed(_FRAME.findall(block)):
            if not any(part in path for part in _LIBRARY):
                return Raised(
                    exception, message, _relative(path, roots), int(line), function.decode("utf-8", "replace")
                )
    return Raised(exception, message, "", 0, "")


def _exception(block: bytes) -> tuple[str, str]:
    """Its first line that is not indented, after the frames."""
    frames = list(_FRAME.finditer(block))
    found = _EXCEPTION.search(block, frames[-1].end() if frames else 0)
    if not found:
        return "", ""
    return found.group(1).decode("ascii", "replace"), (found.group(2) or b"").decode("utf-8", "replace")


def _relative(path: bytes, roots: tuple[bytes, ...]) -> str:
    shortened = _RELEASE.sub(b"", path)
    if shortened == path:
        for root in roots:
            if path.startswith(root):
                shortened = path[len(root) :]
                break
    return shortened.decode("utf-8", "replace")
