# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain text without which a regular expression cannot match: looking for that first is far quicker. Pure.

Python's own parser of expressions is private to it, so this one reads as much of their syntax as it needs, and knows no
text where it is in doubt.
"""

from __future__ import annotations

_PUNCTUATION = set(r"""\.^$*+?{}[]|()/"'-:,;=<>!@#%&~` """)
# Escapes of one letter or place; others, as of a letter by its number, are not read.
_ONE_LETTER = set("dDwWsSbBAZafnrtv")
_PLAIN_GROUPS = ("(?:", "(?P<")
_LOOKS_AROUND = ("(?=", "(?!", "(?<=", "(?<!")

Texts = tuple[str, ...]


def needles(pattern: str) -> tuple[bytes, ...]:
    """One of these, in UTF-8, is in every match; empty where that cannot be told."""
    try:
        return tuple(text.encode() for text in _Reader(pattern).alternatives())
    except (IndexError, ValueError):
        return ()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def alternatives(self) -> Texts:
        """Of the branches up to the bracket that closes them. Each needs a text, or none has one."""
        branches = [self._branch()]
        while self._next() == "|":
            self._at += 1
            branches.append(self._branch())
        if not all(branches):
            return ()
        return tuple(dict.fromkeys(text for branch in branches for text in branch))

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _branch(self) -> Texts:
        """The best of what stands one after the other: that whose shortest text is longest."""
        found: list[Texts] = []
        run = ""
        while self._next() not in ("", "|", ")"):
            item = self._item()
            repeated, optional = self._repetition()
            if isinstance(item, str) and item and not optional:
                run += item
                if not repeated:
                    continue
                found.append((run,))
                run = ""
                continue
            found.append((run,))
            run = ""
            if isinstance(item, tuple) and not optional:
                found.append(item)
        found.append((run,))
        best = max(found, key=lambda texts: min(map(len, texts), default=0))
        return best if all(best) else ()

    def _item(self) -> str | Texts:
        """A plain letter, or a group's texts; empty for what stands for several letters."""
        letter = self._next()
        begin = self._at
        self._at += 1
        if letter == "\\":
            escaped = self._pattern[self._at]
            self._at += 1
            if escaped not in _PUNCTUATION | _ONE_LETTER:
                raise ValueError("a letter by its number, or what a group had")
            return escaped if escaped in _PUNCTUATION else ""
        if letter == "[":
            self._skip_class()
            return ""
        if letter == "(":
            return self._group(begin)
        return "" if letter in (".", "^", "$") else letter

    def _group(self, begin: int) -> str | Texts:
        """Its texts; empty for one that only looks around."""
        around = next((one for one in _LOOKS_AROUND if self._pattern.startswith(one, begin)), "")
        if around:
            self._at = begin + len(around)
        elif self._next() == "?":
            if not self._pattern.startswith(_PLAIN_GROUPS, begin):
                raise ValueError("flags, or something rarer")
            self._at = self._pattern.index(">" if self._pattern[begin + 2] == "P" else ":", begin) + 1
        texts = self.alternatives()
        if self._next() != ")":
            raise ValueError("a bracket is not closed")
        self._at += 1
        return "" if around else texts

    def _repetition(self) -> tuple[bool, bool]:
        """Whether what was read last may come several times, and whether it may be missing."""
        letter = self._next()
        if letter not in ("*", "+", "?", "{"):
            return False, False
        optional = letter in ("*", "?")
        if letter == "{":
            end = self._pattern.index("}", self._at)
            optional = self._pattern[self._at + 1 : end].partition(",")[0] in ("", "0")
            self._at = end
        self._at += 1
        if self._next() in ("?", "+"):
            self._at += 1
        return True, optional

    def _skip_class(self) -> None:
        if self._next() == "^":
            self._at += 1
        self._at += 1  # a bracket that stands first is meant as such
        while self._next() != "]":
            if self._at >= len(self._pattern):
                raise ValueError("a class is not closed")
            self._at += 2 if self._next() == "\\" else 1
        self._at += 1
