# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: recognised by content, inspected to the last byte, loaded into an empty side database."""
