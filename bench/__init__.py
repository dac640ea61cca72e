# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks, each against a named peer, in one run, as a ratio. `make bench-<name>` runs them."""
