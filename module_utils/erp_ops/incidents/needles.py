# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain text without which a regular expression cannot match: looking for that first is far quicker. Pure.

Python's own parser of expressions is private to it, so this one reads as much of their syntax as it needs, and knows no
text where it is in doubt.
"""

from __future__ import annotations

_PUNCTUATION = set(rb"""\.^$*+?{}[]|()/"'-:,;=<>!@#%&~` """)
_PLAIN_GROUPS = (b"(?:", b"(?P<")
_LOOKS_AROUND = (b"(?=", b"(?!", b"(?<=", b"(?<!")

Needles = tuple[bytes, ...]


def needles(pattern: bytes) -> Needles:
    """One of these is in every match; empty where that cannot be told."""
    try:
        return _Reader(pattern).alternatives()
    except (IndexError, ValueError):
        return ()


class _Reader:
    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern
        self._at = 0

    def alternatives(self) -> Needles:
        """Of the branches up to the bracket that closes them. Each needs a text, or none has one."""
        branches = [self._branch()]
        while self._next() == b"|":
            self._at += 1
            branches.append(self._branch())
        if not all(branches):
            return ()
        return tuple(dict.fromkeys(text for branch in branches for text in branch))

    def _next(self) -> bytes:
        return self._pattern[self._at : self._at + 1]

    def _branch(self) -> Needles:
        """The best of what stands one after the other: that whose shortest text is longest."""
        found: list[Needles] = []
        run = b""
        while self._next() not in (b"", b"|", b")"):
            item = self._item()
            repeated, optional = self._repetition()
            if isinstance(item, bytes) and item and not optional:
                run += item
                if not repeated:
                    continue
                found.append((run,))
                run = b""
                continue
            found.append((run,))
            run = b""
            if isinstance(item, tuple) and not optional:
                found.append(item)
        found.append((run,))
        best = max(found, key=lambda texts: min(map(len, texts), default=0))
        return best if all(best) else ()

    def _item(self) -> bytes | Needles:
        """A plain letter, or a group's texts; empty for what stands for several letters."""
        letter = self._next()
        begin = self._at
        self._at += 1
        if letter == b"\\":
            escaped = self._pattern[self._at]
            self._at += 1
            return bytes([escaped]) if escaped in _PUNCTUATION else b""
        if letter == b"[":
            self._skip_class()
            return b""
        if letter == b"(":
            return self._group(begin)
        return b"" if letter in (b".", b"^", b"$") else letter

    def _group(self, begin: int) -> bytes | Needles:
        """Its texts; empty for one that only looks around."""
        around = next((one for one in _LOOKS_AROUND if self._pattern.startswith(one, begin)), b"")
        if around:
            self._at = begin + len(around)
        elif self._next() == b"?":
            if not self._pattern.startswith(_PLAIN_GROUPS, begin):
                raise ValueError("flags, or something rarer")
            self._at = self._pattern.index(b">" if self._pattern[begin + 2] == ord("P") else b":", begin) + 1
        texts = self.alternatives()
        if self._next() != b")":
            raise ValueError("a bracket is not closed")
        self._at += 1
        return b"" if around else texts

    def _repetition(self) -> tuple[bool, bool]:
        """Whether what was read last may come several times, and whether it may be missing."""
        letter = self._next()
        if letter not in (b"*", b"+", b"?", b"{"):
            return False, False
        optional = letter in (b"*", b"?")
        if letter == b"{":
            end = self._pattern.index(b"}", self._at)
            optional = self._pattern[self._at + 1 : end].partition(b",")[0] in (b"", b"0")
            self._at = end
        self._at += 1
        if self._next() in (b"?", b"+"):
            self._at += 1
        return True, optional

    def _skip_class(self) -> None:
        if self._next() == b"^":
            self._at += 1
        self._at += 1  # a bracket that stands first is meant as such
        while self._next() != b"]":
            if self._at >= len(self._pattern):
                raise ValueError("a class is not closed")
            self._at += 2 if self._next() == b"\\" else 1
        self._at += 1
