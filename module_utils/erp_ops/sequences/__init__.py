# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequence engine: catalog query, verdict, plan, repair.

    connection = connect(ConnectionOptions("crm_system"))
    outcome = inspect(connection, Filter(apps=("orders",)))
    for finding in outcome.findings:
        print(describe(finding))

Reading goes through ``catalog_io`` and ``probe_io``, writing through ``repair_io`` alone; everything else is pure.
"""

from __future__ import annotations

from .filters import Filter
from .model import Change, Finding, Outcome, Refusal, Thresholds, Timeouts
from .report import describe, describe_change, describe_refusal, diff_text, summarise
from .run_io import inspect, reset, synchronise

__all__ = [
    "Change",
    "Filter",
    "Finding",
    "Outcome",
    "Refusal",
    "Thresholds",
    "Timeouts",
    "describe",
    "describe_change",
    "describe_refusal",
    "diff_text",
    "inspect",
    "reset",
    "summarise",
    "synchronise",
]
