# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the incident report for tests: the bad days of February, and a day on which nothing failed."""

from __future__ import annotations

from pathlib import Path

from erp_ops.incidents.examine_io import Period, examine
from erp_ops.incidents.model import DEPLOY, START, Happening, NotExamined, Result, SourceRead
from erp_ops.incidents.settings import Settings

from tests import incident_logs as logs

BEGIN, END, RESTART = (int(moment.timestamp()) for moment in (logs.BEGIN, logs.END, logs.RESTART))
SERVICES = [
    {"host": "erp1", "component": "Daphne (8000)", "state": "ok", "since": "2026-02-25 12:53:08", "note": "12 ms"},
    {"host": "erp1", "component": "pgBouncer (6432)", "state": "down", "since": "", "note": "Connection refused"},
]


def bad_days(folder: Path) -> Result:
    """Logs are written into ``folder`` and read."""
    logs.write(folder, noise=500)
    given = Settings(files=[f"{folder}/*.log", "/var/log/of-nobody/*.log"], journal=False, timezone="Africa/Cairo")
    result = examine(given, Period(BEGIN, END, RESTART), ("BUG-013", "BUG-014"))
    happenings = (
        Happening(RESTART - 60, DEPLOY, "20260225T105208Z-301ad868"),
        Happening(RESTART, START, "erp-daphne.service"),
    )
    return Result(**{**vars(result), "host": "erp1", "happenings": happenings})


def quiet_day() -> Result:
    """One log was read, and another could not be."""
    return Result(
        host="erp1",
        since=BEGIN,
        until=END,
        restart=None,
        findings=(),
        sources=(SourceRead("/var/log/erp/django.log", 1, 0),),
        not_examined=(NotExamined("/var/log/redis/*.log", "there is no such file", absent=True),),
    )
