# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling people what a timer found: once for each state, by mail and by webhook."""
