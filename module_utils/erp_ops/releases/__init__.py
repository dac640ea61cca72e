# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases of the application's code on its host: what there is, which one serves, which one served before."""
