# SPDX-License-Identifier: GPL-3.0-or-later
"""What the toolkit's HTML reports share: the template engine, style and script, marks for names and directions."""
