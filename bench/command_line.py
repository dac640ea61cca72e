# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks on nodes share on their command line: ``measure`` on a node, then ``report``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.node import Node, provision, started_node
from bench.results import measured_file


def parsers(name: str, description: str | None) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The whole command line of the benchmark ``name``, and that of ``measure``, to which it adds its own options."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("report")
    measuring = commands.add_parser("measure")
    measuring.add_argument("--debian", default="bookworm")
    measuring.add_argument("--container", help="a node that runs already; default: one is started")
    measuring.add_argument("--out", type=Path, help=f"default: {measured_file(name, 'DEBIAN')}")
    return parser, measuring


@contextmanager
def node_to_measure(container: str | None) -> Iterator[Node]:
    """The node that runs already, as it is; or a new one with the slow ERP."""
    if container:
        yield Node(container)
        return
    with started_node() as node:
        provision(node, "application")
        yield node
