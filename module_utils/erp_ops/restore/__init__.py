# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore: what must hold before it, the side database, the swap by rename, and what is verified after it."""
