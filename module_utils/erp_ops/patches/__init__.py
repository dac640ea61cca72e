# SPDX-License-Identifier: GPL-3.0-or-later
"""Series of code patches on a tree: applied, recognised, reverted, or refused as a whole."""
