# SPDX-License-Identifier: GPL-3.0-or-later
"""A period, as a person names it. Pure."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from ..errors import OperatorError

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGO = re.compile(r"(\d{1,5})([mhdw])")
_HOW = 'Write it as "2026-02-24", "2026-02-24 13:30", "2026-02-24T11:30Z", or as so long ago: "90m", "12h", "3d", "2w"'


def moment(text: str, now: int, zone: tzinfo) -> int:
    """Seconds since 1970. A time without a zone is the host's. Raises OperatorError for what is no time."""
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - int(ago.group(1)) * _UNITS[ago.group(2)]
    try:
        told = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return int((told if told.tzinfo else told.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError) as error:
        raise OperatorError(f'"{text}" is no time', "it is neither a date nor a length of time", _HOW) from error


def require_order(since: int, until: int) -> None:
    """Raise OperatorError for a period that ends before it begins."""
    if since >= until:
        raise OperatorError("the period is empty", "it begins when it ends or later", "Give an earlier time for since")
