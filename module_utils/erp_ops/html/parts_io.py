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
from .engine_io import markup, read

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Inline:
    """Text that stands in the page as it is, and what the page's policy calls it."""

    text: Markup
    hash: str


def breakable(name: str) -> Markup:
    """A name that a narrow column breaks after its underscores and dots, not within a word."""
    return markup()("<wbr>").join(re.split(r"(?<=[_.])", visible(name)))


def options(command: str) -> Markup:
    """A command whose options no narrow screen breaks after their hyphens."""
    mark = markup()
    marked = mark('<span class="option">{}</span>').format
    return mark(" ").join(marked(word) if word.startswith("-") else word for word in command.split(" "))


def capital(text: str) -> str:
    """A word where a sentence would begin. Markup stays markup."""
    return text[:1].upper() + text[1:]


def inline(name: str) -> Inline:
    """The style or the script that all reports share."""
    content = read(name)
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return Inline(markup()(content), f"sha256-{digest}")


def say(words: Callable[..., str], word: str, **values: Any) -> Markup:
    """A sentence of ``words`` whose values are markup of the templates' own, or are escaped."""
    places = {name: f"{{{name}}}" for name in values}
    return markup().escape(words(word, **places)).format(**values)


def sentence(language: str, said: str) -> Markup:
    """A sentence of the logic, with what runs against its direction isolated."""
    mark = markup()
    isolated = mark("<bdi>{}</bdi>").format
    return mark("").join(isolated(piece) if against else piece for piece, against in runs(visible(said), language))
