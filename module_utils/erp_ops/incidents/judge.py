# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts become findings: what is new, what came back, what a fix holds. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..language import LANGUAGES
from .classify import EVENTS, Kind
from .masking import masked
from .model import (
    CAME_BACK,
    HOLDING,
    LOW,
    NEW,
    NOISE,
    OTHER,
    RECURRING,
    SEVERITIES,
    SIGNATURE,
    START_BANDS,
    STATES,
    TRACEBACK,
    Finding,
    Signature,
)
from .normal import normalised
from .tally import SHOWN_INCIDENTS, Group, Moment, Tally, incidents

_HOUR = 3600
_DEFAULT_GAP = 300
_SAMPLE_LINES = 24
# Unknown kinds that are told one by one; what is less urgent is one finding together.
_TOLD = 200


@dataclass(frozen=True)
class History:
    """What is known besides the logs. ``restart``: the last one, None where it is not known.

    ``fixes``: by a signature's ID, since when its fix serves. ``known``: keys of what earlier reports had.
    ``starts``: of any unit.
    """

    restart: int | None = None
    fixes: Mapping[str, int] = field(default_factory=dict)
    known: Collection[str] = ()
    starts: Sequence[int] = ()

    @property
    def bounds(self) -> list[int]:
        """The moments that counts must be parted at."""
        return [*([] if self.restart is None else [self.restart]), *self.fixes.values()]


def serving_since(patched: Mapping[str, int], starts: Sequence[int]) -> dict[str, int]:
    """Since when a patch serves: from the first start after it was applied; as long as there was none, from then."""
    ordered = sorted(starts)
    return {id_: next((start for start in ordered if start >= time), time) for id_, time in patched.items()}


def findings(tally: Tally, signatures: Iterable[Signature], history: History) -> tuple[Finding, ...]:
    """All that was seen in the period, and each fix that holds; the most urgent first."""
    unknown = sorted((group for group in tally.groups.values() if group.kind.signature is None), key=_urgency)
    told = [group for group in unknown if group.kind.kind != OTHER][:_TOLD]
    known = [one for one in tally.groups.values() if one.kind.signature is not None and one.kind.severity != NOISE]
    made = [_finding(tally, group, history) for group in (*known, *told)]
    one_by_one = {group.kind.key for group in told}
    others = [group for group in unknown if group.kind.key not in one_by_one]
    if others:
        made.append(_together(tally, others, history))
    made = [one for one in made if one.events or one.fixed_at is not None]
    seen = {group.kind.key for group in known}
    for signature in signatures:
        fixed_at = _fixed_at(signature, tally, history)
        if signature.id not in seen and fixed_at is not None and signature.severity != NOISE:
            made.append(_nothing(signature.id, SIGNATURE, signature, HOLDING, fixed_at))
    return ranked(made)


def set_aside(tally: Tally) -> dict[str, int]:
    """Lines of noise in the period, by signature, most of them first."""
    noise = [group for group in tally.groups.values() if group.kind.severity == NOISE]
    counts = {group.kind.key: sum(one.lines for one in tally.moments(group)) for group in noise}
    return dict(sorted(((key, count) for key, count in counts.items() if count), key=lambda one: (-one[1], one[0])))


def _urgency(group: Group) -> tuple[int, int]:
    """About as ``ranked`` has it, without comparing files."""
    counted = sum(amount & EVENTS for buckets in group.buckets.values() for amount in buckets.values())
    return SEVERITIES.index(group.kind.severity), -counted


def ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, then by count, what is new before what is not; fixes that hold last. Of a severity, what has a name
    comes before what has none."""
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.state == HOLDING,
                SEVERITIES.index(one.severity),
                one.kind == OTHER,
                -one.events,
                STATES.index(one.state),
                one.key,
            ),
        )
    )


def _finding(tally: Tally, group: Group, history: History) -> Finding:
    kind, signature = group.kind, group.kind.signature
    moments = tally.moments(group)
    events = sum(one.events for one in moments)
    after = _since(tally, moments, history.restart)
    fixed_at = None if signature is None else _fixed_at(signature, tally, history)
    found = list(incidents(moments, max(signature.gap if signature else _DEFAULT_GAP, tally.granularity)))
    hours: dict[int, int] = {}
    for one in moments:
        hours[one.time - one.time % _HOUR] = hours.get(one.time - one.time % _HOUR, 0) + one.events
    key, title = _named(kind)
    return Finding(
        key=key,
        kind=kind.kind,
        severity=kind.severity,
        title=signature.title if signature else dict.fromkeys(LANGUAGES, title),
        file=kind.file,
        remedy=signature.remedy if signature else dict.fromkeys(LANGUAGES, ""),
        state=_state(tally, group, moments, fixed_at, history),
        events=events,
        lines=sum(one.lines for one in moments),
        before=events - after,
        after=after,
        earlier=group.earlier,
        first=group.first if events else None,
        last=group.last if events else None,
        incidents=tuple(found[:SHOWN_INCIDENTS]),
        incidents_known=len(found),
        variants=_masked_names(tally.variants(group)),
        sources=tally.sources(group),
        sample=_sample(group.sample),
        undated=group.undated,
        fixed_at=fixed_at,
        hours=hours,
        after_start=_after_start(moments, sorted(history.starts)),
    )


def _together(tally: Tally, groups: Sequence[Group], history: History) -> Finding:
    """Many kinds of which hardly anything can be said but how many they are."""
    several = [(tally.moments(group), group) for group in groups]
    events = sum(one.events for moments, _ in several for one in moments)
    after = sum(_since(tally, moments, history.restart) for moments, _ in several)
    seen = [group for moments, group in several if moments]
    return replace(
        _nothing("*", OTHER, None, NEW, None),
        severity=min((group.kind.severity for group in groups), key=SEVERITIES.index),
        events=events,
        lines=events,
        before=events - after,
        after=after,
        earlier=sum(group.earlier for group in groups),
        undated=sum(group.undated for group in groups),
        first=min((group.first for group in seen), default=None),
        last=max((group.last for group in seen), default=None),
        sources=tuple(sorted({source for group in seen for source in tally.sources(group)})),
        sample=_sample(groups[0].sample),
    )


def _nothing(key: str, kind: str, signature: Signature | None, state: str, fixed_at: int | None) -> Finding:
    """What the logs show nothing of."""
    nothing = dict.fromkeys(LANGUAGES, "")
    return Finding(
        key=key,
        kind=kind,
        severity=signature.severity if signature else LOW,
        title=signature.title if signature else nothing,
        file=signature.file if signature else "",
        remedy=signature.remedy if signature else nothing,
        state=state,
        events=0,
        lines=0,
        before=0,
        after=0,
        earlier=0,
        first=None,
        last=None,
        incidents=(),
        incidents_known=0,
        variants={},
        sources=(),
        sample="",
        fixed_at=fixed_at,
    )


def _fixed_at(signature: Signature, tally: Tally, history: History) -> int | None:
    """Since when it must not be seen any more; None: nothing fixes it yet."""
    if signature.id in history.fixes:
        return history.fixes[signature.id]
    if signature.fixed:
        return tally.since if history.restart is None else history.restart
    return None


def _since(tally: Tally, moments: Sequence[Moment], bound: int | None) -> int:
    """Events from a bound on; all of them where there is none."""
    if bound is None:
        return sum(one.events for one in moments)
    if bound not in tally.bounds:
        return sum(one.events for one in moments if one.time >= bound)
    passed = tally.bounds.index(bound) + 1
    return sum(one.events for one in moments if one.interval >= passed)


def _state(tally: Tally, group: Group, moments: Sequence[Moment], fixed_at: int | None, history: History) -> str:
    if fixed_at is not None:
        return CAME_BACK if _since(tally, moments, fixed_at) else HOLDING
    if group.earlier or _named(group.kind)[0] in history.known:
        return RECURRING
    return NEW


def _after_start(moments: Sequence[Moment], starts: Sequence[int]) -> dict[int, int]:
    bands: dict[int, int] = {}
    for one in moments:
        passed = bisect_right(starts, one.time)
        seconds = one.time - starts[passed - 1] if passed else START_BANDS[-1]
        band = bisect_right(START_BANDS, seconds)
        if band < len(START_BANDS):
            bands[START_BANDS[band]] = bands.get(START_BANDS[band], 0) + one.events
    return dict(sorted(bands.items()))


def _sample(text: bytes) -> str:
    """The beginning of a record, and of a long one the end as well: there is the exception.

    It is masked before anything is cut, so that no secret loses the name by which it is known.
    """
    rows = [row.rstrip() for row in masked(text.decode("utf-8", "replace")).rstrip().split("\n")]
    if len(rows) > _SAMPLE_LINES:
        half = _SAMPLE_LINES // 2
        rows = [*rows[:half], "…", *rows[-half:]]
    return "\n".join(rows)


def _named(kind: Kind) -> tuple[str, str]:
    """The key and the title of a kind, as they may leave the host. What is masked is what was said, not its form."""
    if kind.signature is not None or not kind.said:
        return kind.key, kind.exception
    form = normalised(masked(kind.said))
    if kind.kind != TRACEBACK:
        return form, form
    return kind.key if kind.file else f"{kind.exception} {form}", f"{kind.exception}: {form}"


def _masked_names(counts: Mapping[str, int]) -> dict[str, int]:
    shown: dict[str, int] = {}
    for name, count in counts.items():
        shown[masked(name)] = shown.get(masked(name), 0) + count
    return shown
