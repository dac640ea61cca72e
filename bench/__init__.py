# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks, each against a named peer, in one run, as a ratio. `make bench-<name>` runs them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
