# SPDX-License-Identifier: GPL-3.0-or-later
"""The report that people open: one structure (``model.py``), read by HTML, Markdown and JSON alike."""
