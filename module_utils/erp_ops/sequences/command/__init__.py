# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``erp-sequences``: the engine on its host, for people and for timers."""
