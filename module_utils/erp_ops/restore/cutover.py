# SPDX-License-Identifier: GPL-3.0-or-later
"""How the databases are exchanged: behind a paused pool, or with the application stopped. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAUSE = "pause"
STOP = "stop"
AUTO = "auto"

SESSION = "session"


@dataclass(frozen=True)
class PoolFacts:
    """What pgBouncer's console on the database host says of the database to be replaced."""

    # Empty where the console could not be asked; ``unreachable`` says why.
    version: str
    unreachable: str
    # Empty where this pgBouncer does not offer the database.
    mode: str
    paused: bool
    clients: int
    # Processes of PostgreSQL that serve this pool.
    server_pids: Sequence[int]
    # pgBouncers that share the port.
    processes: int = 1


def together(each: Sequence[PoolFacts]) -> PoolFacts:
    """Several processes behind one port as one pool: only what holds of all of them lets it be paused."""
    first = each[0]
    unreachable = next((one.unreachable for one in each if one.unreachable), "")
    modes = [one.mode for one in each if not one.unreachable]
    return PoolFacts(
        version=first.version,
        unreachable=unreachable,
        # What forbids a pause in one of them forbids it: not offered, or session pooling.
        mode=next((mode for mode in modes if mode in ("", SESSION)), modes[0] if modes else ""),
        paused=any(one.paused for one in each),
        clients=sum(one.clients for one in each),
        server_pids=[pid for one in each for pid in one.server_pids],
        processes=len(each),
    )


@dataclass(frozen=True)
class Cutover:
    """``method``: pause or stop. ``reason``: for the operator. ``refused``: what was asked for cannot be had."""

    method: str
    reason: str
    refused: bool = False


def choose(wanted: str, pools_elsewhere: Sequence[str], pool: PoolFacts) -> Cutover:
    """What ``restore_cutover`` asks for, as far as the pools allow it."""
    obstacle = _obstacle(pools_elsewhere, pool)
    if wanted == STOP:
        return Cutover(STOP, "the application is stopped for the swap, as restore_cutover says")
    if obstacle is None:
        several = f", {pool.processes} processes, all or none" if pool.processes > 1 else ""
        return Cutover(
            PAUSE,
            f"pgBouncer {pool.version} ({pool.mode} pooling, {pool.clients} clients{several}) is paused for the swap",
        )
    if wanted == PAUSE:
        return Cutover(STOP, obstacle, refused=True)
    return Cutover(STOP, f"the application is stopped for the swap, since {obstacle}")


def _obstacle(pools_elsewhere: Sequence[str], pool: PoolFacts) -> str | None:
    if pools_elsewhere:
        return f"the application reaches the database by pgBouncers on other hosts too ({', '.join(pools_elsewhere)})"
    if pool.unreachable:
        which = f"not every one of the {pool.processes} pgBouncers" if pool.processes > 1 else "no pgBouncer"
        return f"{which} can be paused on this host ({pool.unreachable})"
    if not pool.mode:
        return "the pgBouncer on this host does not offer this database"
    if pool.mode == SESSION:
        return "pgBouncer pools by session, and a PAUSE would wait until every client has left"
    return None
