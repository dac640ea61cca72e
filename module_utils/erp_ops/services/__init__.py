# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a host: what breaks them behind a pool, and how they are now."""
