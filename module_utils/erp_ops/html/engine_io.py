# SPDX-License-Identifier: GPL-3.0-or-later
"""The template engine, and the files that it reads (I/O).

Jinja2 is needed for a page and nothing else, so it is imported when one is made: everything else works without.
"""

from __future__ import annotations

from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

from ..errors import OperatorError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def environment(package: str) -> Environment:
    """Jinja2, which escapes every value, for the templates of a report's package and those that all share.

    Raises OperatorError where Jinja2 is missing.
    """
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - see above
    except ImportError as error:
        raise OperatorError(
            "cannot make the report",
            "Jinja2 is not installed for the Python that runs this",
            "Install it (apt-get install python3-jinja2), or take --format markdown or --format json",
        ) from error
    return Environment(
        loader=FunctionLoader(partial(_template, package)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def markup() -> type[Markup]:
    """Text that is markup already; what is joined or formatted into it is escaped. It comes with Jinja2."""
    from markupsafe import Markup  # noqa: PLC0415 - only for a page, as Jinja2 itself

    return Markup


def read(name: str) -> str:
    """A file beside this one, in the command's archive too."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _template(package: str, name: str) -> str:
    own = resources.files(package).joinpath(name)
    return own.read_text(encoding="utf-8") if own.is_file() else read(name)
