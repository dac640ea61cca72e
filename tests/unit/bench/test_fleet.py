# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make bench-fleet` makes of what it has timed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import ROOT, fleet, fleet_node
from bench.fleet import Run, figures, hosts_of, timed
from bench.node import Node
from bench.results import missed

SAID = """
PLAY RECAP *********************************************************************
fleet00                    : ok=4    changed=0    unreachable=0    failed=0    skipped=2    rescued=0    ignored=0
fleet01                    : ok=3    changed=0    unreachable=0    failed=1    skipped=2    rescued=0    ignored=0
fleet02                    : ok=0    changed=0    unreachable=1    failed=0    skipped=0    rescued=0    ignored=0
"""


def test_the_recap_tells_who_had_a_turn() -> None:
    assert hosts_of(SAID) == {"fleet00": (4, 0, 0), "fleet01": (3, 0, 1), "fleet02": (0, 1, 0)}


def runs(seconds_at_50: float, must_act: int = 0) -> list[dict[str, object]]:
    told = [
        Run("psql", 10, 1, 5, 0),
        Run("psql", 50, 1, 25, 0),
        Run("ping", 10, 10, 2, 60),
        Run("ping", 50, 10, 10, 60),
    ]
    for way in fleet.PLAYBOOKS:
        told += [Run(way, 10, 10, 10, 90), Run(way, 50, 10, seconds_at_50, 120, must_act)]
    return [{"debian": "bookworm", "runs": [asdict(one) for one in told]}]


def test_growth_is_of_the_time_per_host() -> None:
    by_name = {one.name: one for one in figures(runs(55))}
    assert by_name["bookworm.sequences.growth_10_to_50"].value == pytest.approx(1.1)
    assert by_name["bookworm.sequences.to_ping"].value == pytest.approx(5.5)
    assert by_name["bookworm.sequences.to_psql_in_a_loop"].value == pytest.approx(2.2)
    assert by_name["bookworm.status.50_hosts.10_forks.per_host"].value == pytest.approx(1.1)
    assert by_name["bookworm.status.50_hosts.10_forks.memory"].value == 120
    assert not missed(figures(runs(54)))
    assert {one.name for one in missed(figures(runs(60, must_act=1)))} == {
        f"bookworm.{way}.{what}"
        for way in fleet.PLAYBOOKS
        for what in ("growth_10_to_50", "50_hosts.10_forks.hosts_that_failed")
    }


def test_each_host_has_a_server_and_a_connection_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_node, "FOLDER", tmp_path / "fleet")
    told = json.loads(fleet_node.write_inventory(Node("erp-ops-test"), 3).read_text())["all"]["children"]
    hosts = told["postgresql"]["hosts"]
    assert told["application"]["hosts"] == hosts
    for key in ("ansible_host", "sequences_login_port"):
        assert len({one[key] for one in hosts.values()}) == 3
    assert (tmp_path / "fleet" / "group_vars" / "all" / "node.yml").exists()


def test_a_host_is_reached_as_the_inventory_reaches_the_node() -> None:
    *options, host, command = fleet_node.question_of(Node("erp-ops-test"), 7)
    assert options[0] == "ssh"
    assert host == "root@fleet07"
    assert "-p 5508" in command
    given = dict(one.split("=", 1) for one in options[2::2])
    assert set(options[1::2]) == {"-o"}
    server = ROOT / "containers" / "node-ssh-server"
    program, container = given["ProxyCommand"].split()
    assert Path(program).resolve() == server
    assert container == "erp-ops-test"
    assert Path(given["IdentityFile"]).resolve() == ROOT / ".cache" / "node-ssh" / "key"
    assert given["LogLevel"] == "ERROR"


def test_a_command_is_timed_with_its_memory_and_that_of_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "POLL_SECONDS", 0.02)
    script = "python3 -c 'import time; held = bytearray(b\"x\") * 50_000_000; time.sleep(0.5)'; echo over; exit 2"
    seconds, memory, status, said = timed(["sh", "-c", script])
    assert (status, said) == (2, "over\n")
    assert seconds > 0.5
    assert memory > 45
