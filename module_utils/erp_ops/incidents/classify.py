# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record is: a known failure, a traceback, or a message of some form. Pure.

Most records are one of few, again and again, so that what a text is is remembered: by the text with its digits made one
where no signature reads digits in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import process_time
from typing import AnyStr

from .model import HIGH, LOW, MEDIUM, MESSAGE, SIGNATURE, TRACEBACK, Signature
from .normal import first_line, normalised
from .signatures import VARIANT, Compiled
from .tracebacks import raised

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_REMEMBERED_BYTES = 16 << 20
_REMEMBERED_LONGEST = 16 << 10
_REMEMBERED_OVERHEAD = 200
_LONGEST_VARIANT = 200
# Of a site's own signature: what a search may take without being noted, and what those that are noted may take together
# (seconds of the processor).
_NOTICEABLE, _MOST_SPENT = 0.01, 30.0
_SEVERITY = {"critical": HIGH, "error": MEDIUM, "warning": LOW}


class TooSlowError(Exception):
    """A search takes longer than anybody would wait for."""


@dataclass(frozen=True)
class Kind:
    """What several records have in common. For an unknown one: ``file``, where it arises; ``exception``, its name;
    ``said``, what the first of them says, as it stands in the log, secrets and all."""

    key: str
    kind: str
    severity: str
    file: str
    signature: Signature | None = None
    exception: str = ""
    said: str = ""


# Lines and events in one number, as they are counted: lines << LINES | events.
LINES = 32
EVENTS = (1 << LINES) - 1


@dataclass(frozen=True)
class Seen:
    """A record's kind, how many of its lines show it, and which variants these are. ``amount``: lines and one event."""

    kind: Kind
    lines: int
    variants: tuple[tuple[str, int], ...] = ()
    amount: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", self.lines << LINES | 1)


# Two texts of this form may differ in what they are.
_BY_DIGITS = Seen(Kind("", MESSAGE, LOW, ""), 0)


class Classifier:
    """Tells what records are, by signatures in their order. ``roots``: the application's directories.

    ``bounded``: within this a site's own signature is looked for; it raises TooSlowError when that takes too long.
    ``too_slow``: IDs of those that are not looked for any more.
    """

    def __init__(
        self,
        signatures: tuple[Compiled, ...],
        roots: tuple[str, ...] = (),
        bounded: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._signatures = signatures
        self._bounded = bounded
        self._spent: dict[str, float] = {}
        self.too_slow: list[str] = []
        digit_readers = [one.needles or (b"",) for one in signatures if one.reads_digits]
        self._digits_matter = tuple({needle.translate(_DIGITS) for needles in digit_readers for needle in needles})
        self._roots = tuple(root.rstrip("/").encode() + b"/" for root in roots)
        # By level and text. A text with its digits made one leads to what it is, or to _BY_DIGITS.
        self._forms: dict[str, dict[bytes, Seen | None]] = {}
        self._texts: dict[str, dict[bytes, Seen | None]] = {}
        self._remembered_bytes = 0

    def seen(self, text: bytes, level: str) -> Seen | None:
        """What a record is. ``text``: from its message on; ``level``: critical, error, warning or empty.

        None: no signature knows it, and nothing says that it is an error.
        """
        form = text.translate(_DIGITS)
        try:
            seen = self._forms[level][form]
        except KeyError:
            if any(needle in form for needle in self._digits_matter):
                seen = _BY_DIGITS
            else:
                seen = self._classified(text, level)
            self._remember(self._forms, level, form, seen)
        if seen is not _BY_DIGITS:
            return seen
        try:
            return self._texts[level][text]
        except KeyError:
            seen = self._classified(text, level)
            self._remember(self._texts, level, text, seen)
            return seen

    def _remember(self, where: dict[str, dict[bytes, Seen | None]], level: str, text: bytes, seen: Seen | None) -> None:
        if len(text) > _REMEMBERED_LONGEST:
            return
        self._remembered_bytes += len(text) + _REMEMBERED_OVERHEAD
        if self._remembered_bytes > _REMEMBERED_BYTES:
            self._forms.clear()
            self._texts.clear()
            self._remembered_bytes = 0
        where.setdefault(level, {})[text] = seen

    def _own(self, one: Compiled, text: bytes) -> Seen | None:
        """A site's own signature may be one whose search takes for ever."""
        id_ = one.signature.id
        if one.text is None or id_ in self.too_slow:
            return None
        begun = process_time()
        try:
            with self._bounded():
                decoded = text.decode("utf-8", "replace")
                if one.text.search(decoded):
                    return _known(one.signature, one.text, decoded, "\n")
        except TooSlowError:
            self.too_slow.append(id_)
        finally:
            spent = process_time() - begun
            if spent > _NOTICEABLE:
                self._spent[id_] = self._spent.get(id_, 0) + spent
                if self._spent[id_] > _MOST_SPENT and id_ not in self.too_slow:
                    self.too_slow.append(id_)
        return None

    def _classified(self, text: bytes, level: str) -> Seen | None:
        for one in self._signatures:
            if one.needles and not any(needle in text for needle in one.needles):
                continue
            if one.pattern is None:
                seen = self._own(one, text)
                if seen is not None:
                    return seen
            elif one.pattern.search(text):
                return _known(one.signature, one.pattern, text, b"\n")
        if level not in _SEVERITY:
            return None
        found = raised(text, self._roots)
        if found is not None and found.exception:
            name = found.exception.rpartition(".")[2]
            where = f"{found.file}:{found.function}" if found.file else normalised(found.message)
            place = f"{found.file}, {found.line}, {found.function}" if found.file else ""
            severity = HIGH if level == "critical" else MEDIUM
            kind = Kind(f"{name} {where}", TRACEBACK, severity, place, exception=name, said=first_line(found.message))
            return Seen(kind, 1)
        said = first_line(text.decode("utf-8", "replace"))
        return Seen(Kind(normalised(said), MESSAGE, _SEVERITY[level], "", said=said), 1)


def _known(signature: Signature, pattern: re.Pattern[AnyStr], text: AnyStr, newline: AnyStr) -> Seen:
    """Lines as ``grep -c`` counts them: once however often they match."""
    lines: dict[int, str] = {}
    named = VARIANT in pattern.groupindex
    for found in pattern.finditer(text):
        begin = text.rfind(newline, 0, found.start()) + 1
        value = (found.group(VARIANT) or newline[:0])[:_LONGEST_VARIANT] if named else newline[:0]
        lines.setdefault(begin, value.decode("utf-8", "replace") if isinstance(value, bytes) else value)
    variants = {value: 1 for value in lines.values() if value}
    kind = Kind(signature.id, SIGNATURE, signature.severity, signature.file, signature)
    return Seen(kind, len(lines), tuple(variants.items()))
