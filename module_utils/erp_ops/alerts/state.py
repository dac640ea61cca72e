# SPDX-License-Identifier: GPL-3.0-or-later
"""When a message is due: one for one state, reminders, and the notice that all is well again (pure).

Each channel has a state of its own, which only goes on when its message was accepted. So a message that a mail server
did not take is due again at the next check, and a webhook that took it is not asked twice.

What is unknown is never taken for recovery: a trouble that can no longer be looked at stays as it was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

WARNING, UNKNOWN, CRITICAL = "warning", "unknown", "critical"
# What could not be checked could be critical, so whoever wants to hear of critical troubles hears of it.
_HEARD_FROM = {WARNING: 1, CRITICAL: 2}
_RANKS = {WARNING: 1, UNKNOWN: 2, CRITICAL: 3}
THRESHOLDS = tuple(_HEARD_FROM)

# The name of the trouble that the check itself could not be made.
CHECK = "*"

ALERT, REMINDER, RECOVERY, REPAIRED = "alert", "reminder", "recovery", "repaired"


@dataclass(frozen=True)
class Observation:
    """What a check saw. ``troubles``: the severity of each thing that is not healthy, by name.

    ``certain``: the names that are healthy where they are no trouble; None means every name, as after a check of all.
    ``repaired``: whether the check repaired something.
    """

    troubles: Mapping[str, str] = field(default_factory=dict)
    certain: frozenset[str] | None = None
    repaired: bool = False

    @classmethod
    def failed(cls) -> Observation:
        """The check could not be made: nothing is known of anything."""
        return cls({CHECK: UNKNOWN}, frozenset())


@dataclass(frozen=True)
class Told:
    """What the readers of one channel know. ``troubles``: those that are open, as they were told.

    ``since``: the first message about them; ``at``: the last one. ``repairs_at``: the last one that told of repairs.
    """

    troubles: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    at: datetime | None = None
    repairs_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """``kind`` of the message that is due, None for none. ``told``: the state once it is accepted.

    ``unseen``: open troubles of which this check knows nothing.
    """

    kind: str | None
    told: Told
    unseen: tuple[str, ...] = ()


def decide(told: Told, seen: Observation, now: datetime, *, threshold: str, reminder: timedelta) -> Decision:
    """Whether a message is due. ``reminder``: the time between two about the same state; zero for no reminders."""
    heard = {name: level for name, level in seen.troubles.items() if _RANKS[level] >= _HEARD_FROM[threshold]}
    unseen = tuple(name for name in told.troubles if name not in heard and not _is_certain(seen, name))
    before = {name: told.troubles[name] for name in unseen}
    open_now = before | {name: _as_known(told.troubles.get(name), level) for name, level in heard.items()}
    after = replace(told, troubles=open_now)
    kind = _kind(told, open_now, seen, now, reminder)
    if kind in {ALERT, REMINDER}:
        after = replace(after, since=told.since or now, at=now)
    elif not open_now:
        after = replace(after, since=None, at=None)
    if kind and seen.repaired:
        after = replace(after, repairs_at=now)
    return Decision(kind, after, unseen)


def _is_certain(seen: Observation, name: str) -> bool:
    return seen.certain is None or name in seen.certain


def _as_known(told: str | None, level: str) -> str:
    """A critical trouble that cannot be read today is still the critical one."""
    return CRITICAL if level == UNKNOWN and told == CRITICAL else level


def _kind(told: Told, open_now: Mapping[str, str], seen: Observation, now: datetime, reminder: timedelta) -> str | None:
    if any(_RANKS[level] > _RANKS.get(told.troubles.get(name, ""), 0) for name, level in open_now.items()):
        return ALERT
    if told.troubles and not open_now:
        return RECOVERY
    # Whoever was told that nothing can be checked hears that it can be again.
    back = CHECK in told.troubles and CHECK not in open_now
    if open_now and (back or (reminder and _is_due(told.at, now, reminder))):
        return REMINDER
    if seen.repaired and (not reminder or _is_due(told.repairs_at, now, reminder)):
        return REPAIRED
    return None


def _is_due(last: datetime | None, now: datetime, interval: timedelta) -> bool:
    """Also where the clock was set back, and the last message would be in the future."""
    return last is None or not last <= now < last + interval


def due_event(told: Told, now: datetime, interval: timedelta) -> Decision:
    """For an event that has no end of its own, a unit that failed: told at once, then once in each interval."""
    due = not interval or _is_due(told.at, now, interval)
    kind = ALERT if due else None
    return Decision(kind, replace(told, since=told.since or now, at=now) if due else told)
