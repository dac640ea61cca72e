# SPDX-License-Identifier: GPL-3.0-or-later
"""What reports share that are written as Markdown (pure).

What a database or a log named is put where Markdown neither reads markup nor a new line of a table in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .terminal import visible

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def plain(said: str) -> str:
    """A text in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", visible(said))


def code(name: str) -> str:
    """A name as code. GitHub reads a bar as the end of a cell even there, and a backtick would end the code."""
    shown = visible(name)
    return plain(shown) if "`" in shown or "|" in shown else f"`{shown}`"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table and the empty line after it; its cells are Markdown already."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
