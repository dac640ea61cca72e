# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolkit's sentences in the reader's language (pure).

The logic makes English sentences, and modules return them. Whoever shows one to a person (the command, an alert, a
report) asks here. What is not in the catalogue, PostgreSQL's own words above all, stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from .arabic_texts import TEXTS
from .errors import OperatorError
from .language import ARABIC

_PLACE = re.compile(r"\{(\w+)\}")
# Between sentences that were put together.
_SEPARATORS = ("; ", ". ")


def error_text(error: OperatorError, language: str) -> str:
    """An error as one sentence."""
    if language != ARABIC:
        return str(error)
    return f"{translated(error.problem)}: {translated(error.cause)}. {translated(error.remedy)}."


def kept_error_text(said: str, language: str) -> str:
    """An error that was kept as its English sentence, in a history say; as it is where its parts cannot be told."""
    if language != ARABIC:
        return said
    for place in _places(said, ": "):
        problem, rest = said[:place], said[place + 2 :].removesuffix(".")
        if translated(problem) == problem:
            continue
        for end in _places(rest, ". "):
            cause, remedy = rest[:end], rest[end + 2 :]
            if translated(remedy) != remedy:
                return error_text(OperatorError(problem, cause, remedy), language)
    return said


def _places(text: str, separator: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(separator), text)]


def text_in(language: str, sentence: str) -> str:
    """A sentence of the logic, an advice say."""
    return translated(sentence) if language == ARABIC else sentence


def translated(sentence: str) -> str:
    """The Arabic for an English sentence, for each of several, or for what stands in one."""
    for pattern, arabic in _catalogue():
        found = pattern.fullmatch(sentence)
        if found:
            return arabic.format(**{name: translated(value) for name, value in found.groupdict().items()})
    for separator in _SEPARATORS:
        first, between, rest = sentence.partition(separator)
        if between:
            pieces = translated(first), translated(rest)
            if pieces != (first, rest):
                return f"{pieces[0]}{'؛ ' if separator == '; ' else separator}{pieces[1]}"
    return sentence


@cache
def _catalogue() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with the most words of their own first: they say most exactly what is meant."""
    ordered = sorted(TEXTS, key=lambda english: len(_PLACE.sub("", english)), reverse=True)
    return tuple((_pattern(english), TEXTS[english]) for english in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _PLACE.split(english)
    written = [re.escape(part) if n % 2 == 0 else f"(?P<{part}>.+?)" for n, part in enumerate(parts)]
    return re.compile("".join(written), re.DOTALL)
