# SPDX-License-Identifier: GPL-3.0-or-later
"""What interrupts a restore, and at which step: the cases of `make scenario NAME=faults`, done for real."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.databases import LIVE, SIDE, psql
from bench.node import Node

from .play import Play

DISK, FILLER = "/srv/small", "/srv/small/filler"
REPORTS = "/var/lib/erp-restore"
POSTGRESQL = "postgresql@*.service"
# Seconds for which a step is waited for. Generous: a step that is never met fails the case.
MOST_SECONDS = 120

Fault = Callable[[Node, Play], None]
Moment = Callable[[Node, Play, Fault], None]


def killed(_: Node, play: Play) -> None:
    """SIGKILL for the process group of ansible-playbook, as a closed terminal or the out-of-memory killer does it."""
    os.killpg(play.process.pid, signal.SIGKILL)


def switched_off(_: Node, play: Play) -> None:
    """Every process of the run on the controller at once, SSH's too: the controller has lost its power."""
    mark = f"ERP_OPS_GATE_FOLDER={play.folder}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            mine = mark in environment.read_bytes().split(b"\0")
        except OSError:
            continue
        if mine:
            try:
                os.kill(int(environment.parent.name), signal.SIGKILL)
            except ProcessLookupError:
                continue


def module_killed(node: Node, play: Play) -> None:
    """The run and the module that works on the node, which has neither time nor chance to tidy up."""
    switched_off(node, play)
    node.shell(
        """
        for process in $(pgrep -u postgres -x python3); do
            # One that has ended meanwhile is no module that works.
            parent=$(ps -o ppid= -p $process) || continue
            case $(ps -o comm= -p $parent) in sudo | sh) kill -KILL $process ;; esac
        done
        """
    )


def server_restarted(node: Node, _: Play) -> None:
    """PostgreSQL is ended without a checkpoint, as by pg_ctl restart -m immediate, and started."""
    node.shell(
        f"""
        unit=$(systemctl list-units --plain --no-legend '{POSTGRESQL}' | cut -d' ' -f1)
        systemctl kill --signal=QUIT --kill-whom=main $unit
        systemctl restart $unit
        """
    )


def cut(node: Node, _: Play) -> None:
    """The connections of the run to PostgreSQL are gone, also that of its lock."""
    terminate = f"""
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND application_name <> 'fault'
        AND (usename = 'postgres' OR datname = '{SIDE}')
    """
    psql(node, "postgres", terminate)


def pool_killed(node: Node, _: Play) -> None:
    node.execute("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "pgbouncer.service")


def pool_gone(node: Node, _: Play) -> None:
    """pgBouncer is stopped and stays so until an operator starts it."""
    node.shell("systemctl stop $(systemctl list-units --plain --no-legend 'pgbouncer*' | cut -d' ' -f1)")


def disk_full(node: Node, _: Play) -> None:
    """Not a byte is free on the disk of the database, its write-ahead log and its temporary files."""
    node.shell(f"cat /dev/zero > {FILLER} 2> /dev/null || [ $? = 1 ]; ! echo more > {DISK}/more")


def no_room_for_reports(node: Node, _: Play) -> None:
    """Whatever is written there is refused: the folder of the reports is a device without a free byte."""
    node.shell(f"mv {REPORTS} {REPORTS}.aside; ln -s /dev/full {REPORTS}")


def healed(node: Node) -> None:
    """What an operator does after the fault: free the disk, start what is down."""
    node.shell(
        f"""
        rm -f {FILLER} {DISK}/more
        if [ -L {REPORTS} ]; then rm {REPORTS}; mv {REPORTS}.aside {REPORTS}; fi
        pkill -CONT -x pgbouncer || [ $? = 1 ]
        systemctl start postgresql $(systemctl list-units --all --plain --no-legend '{POSTGRESQL}' | cut -d' ' -f1)
        for attempt in $(seq 120); do if pg_isready -q; then break; fi; sleep 0.5; done
        systemctl start $(systemctl list-unit-files --plain --no-legend 'pgbouncer.socket' | cut -d' ' -f1) pgbouncer
        systemctl start erp.target
        """
    )


def before_it(node: Node, play: Play, fault: Fault) -> None:
    """The fault meets the run just before the step."""
    fault(node, play)
    play.go_on()


def while_it(condition: str) -> Moment:
    """The fault meets the run within the step: as soon as a session of the server says so."""

    def moment(node: Node, play: Play, fault: Fault) -> None:
        play.go_on()
        wait_until(node, f"EXISTS (SELECT FROM pg_stat_activity WHERE {condition})")
        fault(node, play)

    return moment


def wait_until(node: Node, condition: str, seconds: float = MOST_SECONDS) -> None:
    """Ask the server again and again, in one session of its own, until the condition holds."""
    loop = f"""
        SET application_name = 'fault';
        DO $wait$ BEGIN
            FOR attempt IN 1..{int(seconds * 50)} LOOP
                PERFORM pg_stat_clear_snapshot();
                IF {condition} THEN RETURN; END IF;
                PERFORM pg_sleep(0.02);
            END LOOP;
            RAISE 'this did not come: %', $condition${condition}$condition$;
        END $wait$
    """
    psql(node, "postgres", loop)


RENAMING = "query ~ '^ALTER DATABASE .* RENAME' AND wait_event_type = 'Lock'"
BLOCK = """
SET application_name = 'fault';
BEGIN;
LOCK TABLE pg_database IN SHARE MODE;
SELECT pg_advisory_lock_shared(1);
SELECT pg_sleep(60);
"""
RELEASE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep.60' AND pid <> pg_backend_pid()"
)
BLOCKED = "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND objid = 1)"


def in_the_pause(node: Node, play: Play, fault: Fault) -> None:
    """The pool is paused and the renames wait for a lock that this holds; then the fault, then the lock is free."""
    blocker = threading.Thread(target=_block, args=(node,))
    blocker.start()
    try:
        wait_until(node, BLOCKED)
        play.go_on()
        wait_until(node, f"EXISTS (SELECT FROM pg_stat_activity WHERE {RENAMING})")
        fault(node, play)
    finally:
        wait_for_server(node)
        psql(node, "postgres", RELEASE)
        blocker.join()


def after_the_renames(node: Node, play: Play, fault: Fault) -> None:
    """pgBouncer stands still when the renames are made, so its RESUME cannot be; then the fault."""
    names = f"SELECT oid FROM pg_database WHERE datname = '{LIVE}'"
    old = psql(node, "postgres", names)[0]

    def act(node: Node, play: Play) -> None:
        node.execute("pkill", "-STOP", "-x", "pgbouncer")
        psql(node, "postgres", RELEASE)
        wait_until(node, f"EXISTS ({names} AND oid <> {old})")
        fault(node, play)
        node.execute("pkill", "-CONT", "-x", "pgbouncer")

    in_the_pause(node, play, act)


def _block(node: Node) -> None:
    node.shell(f'cd /; printf %s "{BLOCK}" | runuser -u postgres -- psql -Xq postgres > /dev/null 2>&1 || [ $? != 0 ]')


def wait_for_server(node: Node) -> None:
    node.shell("for attempt in $(seq 240); do if pg_isready -q; then exit 0; fi; sleep 0.25; done; exit 1")


@dataclass(frozen=True)
class Case:
    """``task``: the end of the task's name at which the run is held. ``serves``: what may serve afterwards.
    ``ends``: how the run may end: killed, failed (with a sentence), restored."""

    name: str
    task: str
    fault: Fault
    serves: frozenset[str]
    ends: frozenset[str]
    moment: Moment = before_it
    slow: bool = False
    small: bool = False


INSPECT, LOCK = (
    "Inspect the archive to its last byte",
    "Keep other restores of this server away, and end what a killed one has left",
)
PREFLIGHT, CREATE = (
    "Check the server, the roles, the disk and that no other restore runs",
    "Create it with the owner, privileges, comment and settings of the live one",
)
LOAD, SEQUENCES = "Load the archive", "Raise the sequences that would collide"
ANALYZE, VERIFY = "Gather statistics for the planner", "Verify it against the archive"
DJANGO, SWAP = "Run Django's check, look for migrations and make a request", "Swap by rename"
CUTOVER, CACHE = "Name the database that is kept, and note when writing stopped", "Empty the cache's Redis database"
HEALTH, CHECK = "Ask the application for an answer", "Note when writing was possible again"
COUNT, PRUNE = "Count the rows that only the kept database has", "Drop kept databases that nobody needs any more"
REPORT, UNLOCK = "Write the report", "Let other restores begin again"

LOADING = while_it(f"datname = '{SIDE}' AND query ~ 'slow_rows_index'")
ANALYZING = while_it(f"datname = '{SIDE}' AND query = 'ANALYZE' AND state = 'active'")
OLD, NEW = frozenset({"old"}), frozenset({"new"})
EITHER = OLD | NEW
DIES, FAILS, WORKS = frozenset({"killed"}), frozenset({"failed"}), frozenset({"restored"})
COPES = FAILS | WORKS

CASES = (
    Case("inspection: play killed", INSPECT, killed, OLD, DIES),
    Case("lock: PostgreSQL restarted", LOCK, server_restarted, EITHER, COPES),
    Case("preflight: play killed", PREFLIGHT, killed, OLD, DIES),
    Case("preflight: PostgreSQL restarted", PREFLIGHT, server_restarted, EITHER, COPES),
    Case("preflight: disk full", PREFLIGHT, disk_full, OLD, FAILS),
    Case("preflight: pgBouncer gone", PREFLIGHT, pool_gone, EITHER, COPES),
    Case("side database: play killed", CREATE, killed, OLD, DIES),
    Case("side database: PostgreSQL restarted", CREATE, server_restarted, EITHER, COPES),
    Case("side database: disk full", CREATE, disk_full, OLD, FAILS),
    Case("load: play killed", LOAD, killed, OLD, DIES, LOADING, slow=True),
    Case("load: controller switched off", LOAD, switched_off, OLD, DIES, LOADING, slow=True),
    Case("load: PostgreSQL restarted", LOAD, server_restarted, OLD, FAILS, LOADING, slow=True, small=True),
    Case("load: connections cut", LOAD, cut, OLD, FAILS, LOADING, slow=True),
    Case("load: disk full", LOAD, disk_full, OLD, FAILS),
    Case("load: pgBouncer killed", LOAD, pool_killed, NEW, WORKS, LOADING, slow=True),
    Case("sequences: play killed", SEQUENCES, killed, OLD, DIES),
    Case("sequences: PostgreSQL restarted", SEQUENCES, server_restarted, EITHER, COPES),
    Case("ANALYZE: connections cut", ANALYZE, cut, OLD, FAILS, ANALYZING, slow=True),
    Case("ANALYZE: disk full", ANALYZE, disk_full, EITHER, COPES),
    Case("verification: play killed", VERIFY, killed, OLD, DIES),
    Case("verification: PostgreSQL restarted", VERIFY, server_restarted, EITHER, COPES),
    Case("semantics: connections cut", DJANGO, cut, EITHER, COPES),
    Case("before the cutover: play killed", CUTOVER, killed, OLD, DIES),
    Case("before the pause: PostgreSQL restarted", SWAP, server_restarted, EITHER, COPES),
    Case("before the pause: pgBouncer gone", SWAP, pool_gone, EITHER, COPES),
    Case("before the pause: disk full", SWAP, disk_full, EITHER, COPES),
    Case("in the pause: play and module killed", SWAP, module_killed, OLD, DIES, in_the_pause, small=True),
    Case("in the pause: play killed", SWAP, killed, EITHER, DIES, in_the_pause),
    Case("in the pause: PostgreSQL restarted", SWAP, server_restarted, EITHER, COPES, in_the_pause),
    Case("in the pause: connections cut", SWAP, cut, EITHER, COPES, in_the_pause),
    Case("in the pause: pgBouncer killed", SWAP, pool_killed, EITHER, COPES, in_the_pause, small=True),
    Case("renamed, not resumed: play and module killed", SWAP, module_killed, NEW, DIES, after_the_renames),
    Case("after the swap: play killed", CACHE, killed, NEW, DIES),
    Case("after the swap: PostgreSQL restarted", CACHE, server_restarted, EITHER, COPES),
    Case("health: pgBouncer killed", HEALTH, pool_killed, EITHER, COPES),
    Case("health: pgBouncer gone", HEALTH, pool_gone, EITHER, COPES),
    Case("health: disk full", CHECK, disk_full, EITHER, COPES),
    Case("count: PostgreSQL restarted", COUNT, server_restarted, NEW, COPES),
    Case("count: connections cut", COUNT, cut, NEW, COPES),
    Case("pruning: play killed", PRUNE, killed, NEW, DIES),
    Case("report: disk full", REPORT, no_room_for_reports, NEW, COPES),
    Case("end: play killed", UNLOCK, killed, NEW, DIES),
)


def case_of(name: str) -> Case:
    """The case of that name; an error that lists all where there is none."""
    for case in CASES:
        if case.name == name:
            return case
    raise SystemExit(f"There is no case {name!r}. There are: {', '.join(case.name for case in CASES)}.")
