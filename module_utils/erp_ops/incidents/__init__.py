# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report: log files and journals read as streams, known and unknown errors counted (without Ansible)."""
