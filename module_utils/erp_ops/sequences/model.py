# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the engine: what the catalog says, what the tables hold, what it amounts to, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass

# Statuses, the one that stands first wins where several hold.
UNREADABLE = "unreadable"
EXHAUSTED = "exhausted"
BEHIND = "behind"
NEAR_LIMIT = "near_limit"
GAP = "gap"
OK = "ok"
SKIPPED = "skipped"
STATUSES = (UNREADABLE, EXHAUSTED, BEHIND, NEAR_LIMIT, GAP, OK, SKIPPED)

HEALTHY = "healthy"
WARNING = "warning"
CRITICAL = "critical"
UNKNOWN = "unknown"
SEVERITIES = (HEALTHY, WARNING, CRITICAL, UNKNOWN)
# What could not be checked could be critical, so it outranks a warning.
WORST_FIRST = (CRITICAL, UNKNOWN, WARNING, HEALTHY)

# pg_get_sequence_data() came with this major version.
FIRST_WITH_SEQUENCE_DATA = 18

# The highest and lowest value of each type a sequence or a column can have.
INTEGER_RANGES = {
    "smallint": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a sequence belongs to, or that draws its default from it.

    ``relation`` and ``name`` are what people read; ``quoted_relation`` and ``quoted_name`` are what PostgreSQL itself
    made of them for use in SQL. ``base_type`` is the type below a domain.
    """

    schema: str
    relation: str
    name: str
    data_type: str
    base_type: str
    oid: int
    quoted_relation: str
    quoted_name: str
    quoted_schema: str
    foreign: bool
    """A foreign table."""
    foreign_members: bool
    """Some partition or child is a foreign table."""
    indexed: bool
    ends_indexed: bool
    """An index gives its lowest and highest value by a step from each end: never NULL, and its table has no members."""
    readable: bool
    lockable: bool
    row_security: bool
    schema_usable: bool
    locks: int
    """How many locks a query of it takes: itself, its members, all their indexes."""
    draws: bool
    """Its default is nextval() of the sequence, or it is an identity; otherwise it only owns the sequence."""
    plain: bool
    """The default is nextval() and nothing else; False for 'X' || nextval(...)."""
    late_bound: bool = False
    ancestors: tuple[int, ...] = ()
    """OIDs of the tables it is a partition or a child of, at any distance."""

    @property
    def probeable(self) -> bool:
        return self.draws and self.plain and self.base_type in INTEGER_RANGES


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence as the catalog describes it."""

    oid: int
    schema: str
    name: str
    quoted: str
    quoted_schema: str
    data_type: str
    start: int
    increment: int
    min_value: int
    max_value: int
    cache: int
    cycle: bool
    owner: str
    """Quoted for use in SQL."""
    temporary: bool
    extension: str | None
    can_select: bool
    can_use: bool
    can_update: bool
    can_alter: bool
    schema_usable: bool
    columns: tuple[Column, ...] = ()
    ambiguous_default: str | None = None
    """A default that names this sequence by text without a schema, where several sequences have that name."""

    @property
    def ascending(self) -> bool:
        return self.increment > 0

    @property
    def drawing(self) -> tuple[Column, ...]:
        """Every column that draws from it, in one way or another."""
        return tuple(column for column in self.columns if column.draws)

    @property
    def label(self) -> str:
        """For sentences."""
        return f'"{self.schema}"."{self.name}"'


@dataclass(frozen=True, slots=True)
class Server:
    """What the engine must know of the server and of itself there. ``user``: who it is, quoted for use in a GRANT."""

    user: str
    in_recovery: bool
    deadlock_timeout_ms: int
    lock_capacity: int
    """How many locks the server's lock table holds, for all sessions together."""
    version: int
    """The major version, 15 for example."""

    @property
    def has_sequence_data(self) -> bool:
        """It has pg_get_sequence_data(), which lets go of each sequence's lock at once and needs no planning."""
        return self.version >= FIRST_WITH_SEQUENCE_DATA


@dataclass(frozen=True, slots=True)
class Catalog:
    """All sequences of a database. ``unresolved``: defaults that draw from a sequence nobody can name."""

    server: Server
    sequences: tuple[Sequence, ...]
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where a sequence stands."""

    last_value: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something could not be checked: a stable code and a sentence that says what to do."""

    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one sequence and of the tables that draw from it.

    ``edge``: MAX over all columns within the sequence's bounds, MIN for a descending one; None where there is none.
    ``outside``: the lowest and highest value beyond the bounds, by column. ``outliers``: rows beyond the gap, highest
    first, only read when a repair would carry the sequence past its critical limit.
    """

    state: State | None = None
    edge: int | None = None
    outside: tuple[tuple[Column, int], ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    outliers: tuple[tuple[Column, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``gap``: unused values before it is worth a warning. The limits are shares of the range, 0 to 1."""

    gap: int = 1000
    limit_warning: float = 0.75
    limit_critical: float = 0.90


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Milliseconds. ``lock_ms`` must stay below the server's deadlock_timeout, see repair_io."""

    statement_ms: int = 30_000
    lock_ms: int = 500
    lock_retries: int = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one sequence."""

    sequence: Sequence
    reading: Reading
    next_value: int | None
    limit: int
    used_ratio: float | None
    status: str
    severity: str | None
    notes: tuple[tuple[str, str], ...] = ()
    """Each reason that holds, as its stable code and a sentence that says what to do."""

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for code, _ in self.notes))

    @property
    def advice(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(advice for _, advice in self.notes))

    def advice_on(self, code: str) -> str:
        """The sentences that belong to one reason."""
        return "; ".join(advice for reason, advice in self.notes if reason == code)


@dataclass(frozen=True, slots=True)
class Repair:
    """One change to one sequence: what was found, and where it is to stand.

    ``method``: ``locked`` (under locks, by its owner), ``guarded`` (setval() only where it is still behind) or
    ``advanced`` (nextval() until it is past the edge). ``lowers``: it goes back, which only happens ``locked``.
    """

    finding: Finding
    target: State
    method: str
    lowers: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sequence that is not changed although it should be, and why. ``by_rule``: nothing failed, a person decides."""

    finding: Finding
    reason: str
    advice: str
    by_rule: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    repairs: tuple[Repair, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one sequence, or would be in check mode: the finding before and after."""

    before: Finding
    after: Finding
    method: str
    lowered: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: the findings as they are after it, what was changed and what could not be.

    ``warnings``: what the operator should read although nothing failed.
    """

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
