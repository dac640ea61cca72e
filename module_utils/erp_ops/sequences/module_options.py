# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that both modules share, and what the engine makes of them (pure, without Ansible)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import OperatorError
from .filters import Filter
from .model import Thresholds, Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping

FILTERS = ("schemas", "tables", "apps", "sequences", "exclude")


def shared_argument_spec() -> dict[str, dict[str, Any]]:
    """Ansible's argument specification for what the connection's own does not cover."""
    thresholds, timeouts = Thresholds(), Timeouts()
    return {
        "login_db": {"type": "str", "required": True},
        **{name: {"type": "list", "elements": "str", "default": []} for name in FILTERS},
        "gap_threshold": {"type": "int", "default": thresholds.gap},
        "limit_warning": {"type": "float", "default": thresholds.limit_warning},
        "limit_critical": {"type": "float", "default": thresholds.limit_critical},
        "statement_timeout": {"type": "int", "default": timeouts.statement_ms},
        "lock_timeout": {"type": "int", "default": timeouts.lock_ms},
        "lock_retries": {"type": "int", "default": timeouts.lock_retries},
    }


def filter_from(options: Mapping[str, Any]) -> Filter:
    return Filter(**{name: tuple(options[name] or ()) for name in FILTERS})


def thresholds_from(options: Mapping[str, Any]) -> Thresholds:
    """Raises OperatorError for shares that make no sense."""
    warning, critical = options["limit_warning"], options["limit_critical"]
    if not 0 <= warning <= critical <= 1:
        raise OperatorError(
            "cannot use the thresholds",
            f"limit_warning is {warning} and limit_critical is {critical}",
            "Give shares from 0 to 1, limit_warning not above limit_critical",
        )
    if options["gap_threshold"] < 0:
        raise OperatorError(
            "cannot use the thresholds", f"gap_threshold is {options['gap_threshold']}", "Give 0 or more"
        )
    return Thresholds(gap=options["gap_threshold"], limit_warning=warning, limit_critical=critical)


def timeouts_from(options: Mapping[str, Any]) -> Timeouts:
    """Raises OperatorError for negative ones."""
    names = ("statement_timeout", "lock_timeout", "lock_retries")
    negative = [name for name in names if options[name] < 0]
    if negative:
        raise OperatorError("cannot use the timeouts", f"{', '.join(negative)} is negative", "Give 0 or more")
    return Timeouts(*(options[name] for name in names))
