# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix of the scenario `faults`: a restore that is interrupted at every step, and what came of it."""
