# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of a host found, day after day: kept small, read for growth and for the report."""
