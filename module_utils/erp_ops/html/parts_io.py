# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates call: marks for names, commands and sentences, style and script as a page holds them (I/O).

Every value is escaped, and a page's policy lets only its own style and script count, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..terminal import visible
from .direction import runs
from .engine_io import read

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Inline:
    """Text that stands in the page as it is, and what the page's policy calls it."""

    text: Markup
    hash: str


def breakable(name: str) -> Markup:
    """A name that a narrow column breaks after its underscores and dots, not within a word."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with Jinja2

    pieces = (escape(piece) for piece in re.split(r"(?<=[_.])", visible(name)))
    return Markup("<wbr>").join(pieces)


def options(command: str) -> Markup:
    """A command whose options no narrow screen breaks after their hyphens."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    marked = Markup('<span class="option">{}</span>').format
    return Markup(" ").join(marked(word) if word.startswith("-") else word for word in command.split(" "))


def capital(text: str) -> str:
    """A word where a sentence would begin. Markup stays markup."""
    return text[:1].upper() + text[1:]


def inline(name: str) -> Inline:
    """The style or the script that all reports share."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    content = read(name)
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return Inline(Markup(content), f"sha256-{digest}")  # noqa: S704 - a file of ours


def say(words: Callable[..., str], word: str, **values: Any) -> Markup:
    """A sentence of ``words`` whose values are markup of the templates' own, or are escaped."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with Jinja2

    places = {name: f"{{{name}}}" for name in values}
    return Markup(escape(words(word, **places))).format(**values)  # noqa: S704 - escaped in the call


def sentence(language: str, said: str) -> Markup:
    """A sentence of the logic, with what runs against its direction isolated."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    pieces = [
        Markup("<bdi>{}</bdi>").format(piece) if against else Markup("{}").format(piece)
        for piece, against in runs(visible(said), language)
    ]
    return Markup("").join(pieces)
