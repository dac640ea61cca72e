# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: taken, proved, kept, copied and found again."""
