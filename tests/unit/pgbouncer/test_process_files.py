# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes a host has, where their consoles are, and what each of them reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from erp_ops.pgbouncer.configuration import Configuration, Database, compare, refuse_newer, render
from erp_ops.pgbouncer.processes import config_of, console_folders, file_of, of_process, surplus, with_peers

PLACE = "/run/postgresql"
PATH = Path("/etc/pgbouncer/pgbouncer.ini")
COMMON = Configuration(
    settings={"logfile": "/var/log/postgresql/pgbouncer.log", "pool_mode": "transaction"},
    databases=[Database("crm", {"host": "127.0.0.1"})],
)


@pytest.mark.parametrize(
    ("found", "folders"),
    [
        ([], [PLACE]),
        ([".s.PGSQL.6432", "15-main.pg_stat_tmp", "pgbouncer-proof", "pgbouncer-02"], [PLACE]),
        (["pgbouncer-2", "pgbouncer-1"], [f"{PLACE}/pgbouncer-1", f"{PLACE}/pgbouncer-2"]),
        (["pgbouncer-1"], [f"{PLACE}/pgbouncer-1"]),
        # A folder that is missing must be found out, not passed over: a pause would leave that process serving.
        (["pgbouncer-2"], [f"{PLACE}/pgbouncer-1", f"{PLACE}/pgbouncer-2"]),
        (["pgbouncer-1", "pgbouncer-3"], [f"{PLACE}/pgbouncer-{number}" for number in (1, 2, 3)]),
    ],
)
def test_no_process_is_left_out_of_the_list_of_consoles(found: list[str], folders: list[str]) -> None:
    assert console_folders(PLACE, found) == folders


@pytest.mark.parametrize(
    ("processes", "folders", "files", "too_many"),
    [
        (1, [], ["pgbouncer.ini", "userlist.txt"], []),
        (1, ["pgbouncer-1", "pgbouncer-2"], ["process-2.ini"], [2, 1]),
        (2, ["pgbouncer-1", "pgbouncer-2", "pgbouncer-3", "pgbouncer-4"], ["process-2.ini", "process-3.ini"], [4, 3]),
        (2, ["pgbouncer-1", "pgbouncer-2"], ["process-2.ini"], []),
        # A removal that was cut short is taken up again.
        (1, ["pgbouncer-1"], [], [1]),
        (1, [], ["process-2.ini"], [2]),
    ],
)
def test_what_is_too_many_goes_from_the_last_on_and_the_first_ones_console_at_the_end(
    processes: int, folders: list[str], files: list[str], too_many: list[int]
) -> None:
    assert surplus(processes, folders, files) == too_many


def test_one_process_has_the_file_that_it_always_had() -> None:
    assert with_peers(COMMON, 1, (1, 24), PLACE, 6432) == COMMON


def test_peers_stand_in_the_common_file_and_each_of_the_others_has_its_own_id_and_log() -> None:
    configuration = with_peers(COMMON, 2, (1, 24), PLACE, 6432)
    text = render(configuration, "comment")
    assert (
        "[peers]\n1 = host=/run/postgresql/pgbouncer-1 port=6432\n2 = host=/run/postgresql/pgbouncer-2 port=6432"
        in text
    )
    assert text.endswith("peer_id = 1\n")
    other = of_process(configuration, 2)
    assert (file_of(PATH, 1), file_of(PATH, 2)) == (PATH, Path("/etc/pgbouncer/process-2.ini"))
    assert other.settings == dict(configuration.settings) | {
        "logfile": "/var/log/postgresql/pgbouncer-2.log",
        "peer_id": 2,
    }
    assert (other.databases, other.peers) == (configuration.databases, configuration.peers)
    assert of_process(configuration, 1) == configuration


def test_a_version_without_peers_gets_none() -> None:
    configuration = with_peers(COMMON, 3, (1, 18), PLACE, 6432)
    refuse_newer(configuration, (1, 18))
    assert "peer" not in render(of_process(configuration, 3), "comment")


def test_what_each_process_must_have_alone_is_numbered_where_the_common_file_names_it() -> None:
    both = replace(COMMON, settings=dict(COMMON.settings) | {"pidfile": "/run/postgresql/pool.pid"})
    assert of_process(both, 2).settings["pidfile"] == "/run/postgresql/pool-2.pid"
    neither = replace(COMMON, settings={"pool_mode": "transaction"})
    assert of_process(neither, 2) == neither


def test_another_peer_id_is_no_difference_in_the_process_that_must_have_it() -> None:
    def rows(peer_id: int) -> list[dict[str, str]]:
        return [{"key": "peer_id", "value": str(peer_id), "changeable": "yes"}]

    assert compare(rows(2), config_of(rows(1), 2), [], []).reload == ()
    assert compare(rows(0), config_of(rows(1), 2), [], []).reload == ("peer_id",)
    # Without peers it stays 0 everywhere.
    assert compare(rows(0), config_of(rows(0), 2), [], []).reload == ()
