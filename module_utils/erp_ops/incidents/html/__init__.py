# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as one HTML page."""
