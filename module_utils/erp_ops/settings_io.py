# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a command on its host: one JSON file, written by a role (I/O)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from .errors import OperatorError

Settings = TypeVar("Settings")

# What JSON has for the annotations of dataclasses, and for the items of lists.
_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
_ITEMS: dict[str, type] = {"list[str]": str, "list[dict[str, Any]]": dict}


def settings_text(path: str, command: str, how: str) -> str:
    """The file's text. ``how`` writes it. Raises OperatorError when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OperatorError(
            f'cannot use the settings in "{path}"', "it is no text in UTF-8", f"Write them anew: {how}"
        ) from error
    except OSError as error:
        raise OperatorError(
            f'cannot read the settings in "{path}"',
            error.strerror or str(error),
            f"Run it as postgres or root (sudo -u postgres {command} ...), or write them: {how}",
        ) from error


def settings_from(text: str, path: str, how: str, make: Callable[[dict[str, Any]], Settings]) -> Settings:
    """What ``make`` makes of the text. It raises ValueError or TypeError, and this OperatorError, for what is wrong."""
    try:
        return make(dict(json.loads(text)))
    except (ValueError, TypeError) as error:
        raise OperatorError(f'cannot use the settings in "{path}"', str(error), f"Write them anew: {how}") from error


def require_known(given: dict[str, Any], kind: type[Any]) -> None:
    """Raise ValueError for names that a dataclass does not have: they would be settings that nobody obeys."""
    unknown = sorted(set(given) - {field.name for field in fields(kind)})
    if unknown:
        raise ValueError(f"it names {', '.join(unknown)}, which this version does not know")


def require_types(given: dict[str, Any], kind: type[Any]) -> None:
    """Raise ValueError for what is not of the type that a dataclass says: JSON would bring it in all the same."""
    for known in fields(kind):
        if known.name in given and not _fits(given[known.name], str(known.type)):
            raise ValueError(f"{known.name} is {given[known.name]!r}, and must be of type {known.type}")


def _fits(value: Any, wanted: str) -> bool:
    if wanted in _ITEMS:
        return isinstance(value, list) and all(isinstance(one, _ITEMS[wanted]) for one in value)
    # To Python True is a number.
    return isinstance(value, _TYPES[wanted]) and isinstance(value, bool) == (wanted == "bool")
