# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in which the other direction's letters stand (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..language import ARABIC
from ..terminal import is_right_to_left

# Latin letters and digits, and what stands between them within one name, number or command.
_LATIN = re.compile(r"""["'$`/-]*[A-Za-z0-9_](?:[ -~]*[A-Za-z0-9_"'`)%])?""")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufefc]+(?:[ _.-]+[\u0590-\u08ff\ufb1d-\ufefc]+)*")


def runs(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a sentence, and whether each runs against its direction and wants to be isolated."""
    against = _LATIN if language == ARABIC else _RIGHT_TO_LEFT
    if language == ARABIC and not is_right_to_left(text):
        # PostgreSQL's own words: a sentence of the other direction as a whole.
        yield text, True
        return
    place = 0
    while found := against.search(text, place):
        end = found.start() + _balanced(found[0])
        if found.start() > place:
            yield text[place : found.start()], False
        yield text[found.start() : end], True
        place = end
    if place < len(text):
        yield text[place:], False


def _balanced(run: str) -> int:
    """How much of it stands before a bracket that was opened by the sentence around it."""
    depth = 0
    for place, letter in enumerate(run):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return place
    return len(run)
