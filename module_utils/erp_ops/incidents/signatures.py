# SPDX-License-Identifier: GPL-3.0-or-later
"""Known failures: a site's own are read and checked, and all are made ready for the bytes of logs. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..language import LANGUAGES
from .model import NOISE, SEVERITIES, Signature
from .needles import needles

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,39}")
_TEXTS = ("title", "remedy")
# The group of a pattern whose values are counted.
VARIANT = "variant"
_ALLOWED = (*SEVERITIES, NOISE)


@dataclass(frozen=True)
class Compiled:
    """A signature ready to be looked for. ``needles``: it matches only where one of these is; empty: not known.

    ``text``: of a site's own, which means what Python's expressions mean: ``.`` is a letter, and so is one of
    ``[أإآ]``. The toolkit's are for bytes, which is quicker. ``reads_digits``: whether two messages that differ in
    digits only may differ in what they are, or in their variant.
    """

    signature: Signature
    pattern: re.Pattern[bytes] | None
    text: re.Pattern[str] | None
    needles: tuple[bytes, ...]
    reads_digits: bool


def merged(own: Iterable[Signature], others: Iterable[Signature]) -> tuple[Signature, ...]:
    """A site's own first, so that they win; one with the ID of another replaces it."""
    chosen = {one.id: one for one in own}
    return (*chosen.values(), *(one for one in others if one.id not in chosen))


def signatures_from(told: Any) -> tuple[Signature, ...]:
    """Signatures from a list of objects. Raises ValueError or TypeError, which say what is wrong."""
    if not isinstance(told, list):
        raise TypeError("it is not a list of signatures")
    made = tuple(_signature(one, number) for number, one in enumerate(told, start=1))
    twice = sorted({one.id for one in made if sum(other.id == one.id for other in made) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice")
    return made


def _signature(told: Any, number: int) -> Signature:
    name = f"signature {number}"
    if not isinstance(told, Mapping) or not isinstance(told.get("id"), str) or not _ID.fullmatch(told["id"]):
        raise ValueError(f"{name} has no id, a text of letters, digits, dots and hyphens")
    name = f"signature {told['id']}"
    known = {field.name for field in fields(Signature)}
    unknown = sorted(set(told) - known)
    if unknown:
        raise ValueError(f"{name} has {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    try:
        made = Signature(**{"file": "", **told, **{text: _texts(told.get(text, ""), told["id"]) for text in _TEXTS}})
    except TypeError as error:
        raise ValueError(f"{name} is not complete: {error}") from error
    if made.severity not in _ALLOWED:
        raise ValueError(f"{name} has severity {made.severity!r}; it is one of {', '.join(_ALLOWED)}")
    if not isinstance(made.gap, int) or not isinstance(made.fixed, bool) or not isinstance(made.file, str):
        raise TypeError(f"{name}: gap is a whole number of seconds, fixed is true or false, file is a text")
    try:
        pattern = re.compile(made.pattern, re.MULTILINE)
    except (re.error, TypeError) as error:
        raise ValueError(f"{name} has a pattern that is no regular expression: {error}") from error
    if pattern.search(""):
        raise ValueError(f"{name} has a pattern that everything matches")
    return made


def _texts(told: Any, otherwise: str) -> Mapping[str, str]:
    """A text in both languages; one that is given in one only is shown in both."""
    if isinstance(told, str):
        return dict.fromkeys(LANGUAGES, told or otherwise)
    if not isinstance(told, Mapping) or not told or set(told) - set(LANGUAGES):
        raise ValueError(
            f"signature {otherwise}: title and remedy are a text, or one for each of {', '.join(LANGUAGES)}"
        )
    any_text = next(iter(told.values()))
    return {language: str(told.get(language, any_text)) for language in LANGUAGES}


def compiled(signatures: Iterable[Signature], shipped: Collection[Signature]) -> tuple[Compiled, ...]:
    """Ready for the bytes of logs, in which a character stands for its UTF-8 form. ``shipped``: the toolkit's."""
    return tuple(_compiled(one, of_bytes=one in shipped) for one in signatures)


def _compiled(signature: Signature, *, of_bytes: bool) -> Compiled:
    pattern = signature.pattern
    text = re.compile(pattern, re.MULTILINE)
    names_digits = re.search(r"(?<![\\{,\d])\d", re.sub(r"\{[\d,]*\}", "", pattern)) is not None
    return Compiled(
        signature,
        re.compile(pattern.encode(), re.MULTILINE) if of_bytes else None,
        None if of_bytes else text,
        needles(pattern),
        names_digits or VARIANT in text.groupindex,
    )
