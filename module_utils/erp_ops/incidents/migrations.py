# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of migrations, as ``erp_after_migrate.py`` of the role erp_service writes it. Pure.

2026-11-27T19:02:29+02:00 migrate database="crm_system" applied=["orders.0003_colour"]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from .model import MIGRATE, REVERSE, Happening

_TEXT = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"(\d{{4}}-\d\d-\d\dT\S+) migrate database=({_TEXT}) (applied|reversed)=(\[{_TEXT}(?:, {_TEXT})*\])"
)
_KINDS = {"applied": MIGRATE, "reversed": REVERSE}
# A first migration has dozens.
_NAMED = 4


def migrations_of(lines: Iterable[bytes]) -> Iterator[Happening]:
    """One for each run of ``migrate``. Lines of another form are left out: rotation may have cut one."""
    for line in lines:
        found = _LINE.fullmatch(line.decode("utf-8", "replace"))
        if found is None:
            continue
        time, database, done, told = found.groups()
        names = [str(name) for name in json.loads(told)]
        more = f", … (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
        what = f"{json.loads(database)}: {', '.join(names[:_NAMED])}{more}"
        yield Happening(int(datetime.fromisoformat(time).timestamp()), _KINDS[done], what)
