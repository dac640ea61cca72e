# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over a server that runs the old way: what is there, and what would change."""
