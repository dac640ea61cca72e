# SPDX-License-Identifier: GPL-3.0-or-later
"""pgBouncer: its console, its configuration, and what it may take from PostgreSQL."""
