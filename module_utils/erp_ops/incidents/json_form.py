# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's result as plain data, and back: this is what travels to the controller (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from ..errors import OperatorError
from .model import Finding, Happening, Incident, NotExamined, Result, SourceRead

# Keys of JSON are texts.
_BY_NUMBER = ("hours", "after_start")


def as_data(result: Result) -> dict[str, Any]:
    """Dictionaries, lists, texts and numbers."""
    return asdict(result)


def as_json(results: list[Result]) -> str:
    """One document with the results of all hosts."""
    return json.dumps([as_data(one) for one in results], ensure_ascii=False, indent=1) + "\n"


def result_from(told: Mapping[str, Any]) -> Result:
    """What ``as_data`` was given. Raises OperatorError where it is something else."""
    try:
        given = {field.name: told[field.name] for field in fields(Result)}
        return Result(
            **given
            | {
                "findings": tuple(_finding(one) for one in told["findings"]),
                "sources": tuple(SourceRead(**one) for one in told["sources"]),
                "not_examined": tuple(NotExamined(**one) for one in told["not_examined"]),
                "happenings": tuple(Happening(**one) for one in told["happenings"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise OperatorError(
            "cannot read the result of a host",
            f"it is not of this version's form ({problem})",
            "Run the report anew, so that all hosts have the same version",
        ) from error


def _finding(told: Mapping[str, Any]) -> Finding:
    numbered = {name: {int(key): value for key, value in told[name].items()} for name in _BY_NUMBER}
    incidents = tuple(Incident(**one) for one in told["incidents"])
    return Finding(**{**told, **numbered, "incidents": incidents, "sources": tuple(told["sources"])})
