# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: which patches are in a tree, from the lowest to the topmost. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from ..errors import OperatorError
from .diff_text import MalformedDiffError, parse
from .model import APPLIED, FOUND, Record

FORM = 1
"""Version of the file's form."""


def render(records: Sequence[Record]) -> str:
    """The file's text."""
    return (
        json.dumps(
            {
                "form": FORM,
                "patches": [
                    {
                        "id": one.id,
                        "sha256": one.diff.sha256,
                        "how": one.how,
                        "time": one.time,
                        "release": one.release,
                        "files": list(one.diff.touches),
                        "strip": one.diff.strip,
                        "offsets": list(one.offsets),
                        "around": [list(lines) for lines in one.around],
                        "diff": one.diff.text,
                    }
                    for one in records
                ],
            },
            indent=1,
        )
        + "\n"
    )


def read(text: str, path: str) -> list[Record]:
    """The records of a ledger. Raises OperatorError where it is none, or was changed by hand."""
    try:
        told = json.loads(text)
        if told["form"] != FORM:
            raise _unreadable(path, f"it has form {told['form']!r}, and this toolkit knows form {FORM}")
        records = []
        for one in told["patches"]:
            diff = replace(parse(one["diff"]), strip=int(one["strip"]))
            around = tuple((str(above), str(below)) for above, below in one["around"])
            offsets = tuple(map(int, one["offsets"]))
            record = Record(one["id"], diff, offsets, one["time"], one["release"], one["how"], around)
            if diff.sha256 != one["sha256"] or record.how not in (APPLIED, FOUND):
                raise _unreadable(path, f'its record of patch "{record.id}" was changed by hand')
            records.append(record)
    except (ValueError, KeyError, TypeError, MalformedDiffError) as error:
        raise _unreadable(path, f"it is not what this toolkit writes ({type(error).__name__}: {error})") from error
    return records


def _unreadable(path: str, cause: str) -> OperatorError:
    return OperatorError(
        f'the ledger of patches "{path}" cannot be read and nothing was changed',
        cause,
        "Bring it back from a backup, or deploy a fresh copy of the release, which needs none",
    )
