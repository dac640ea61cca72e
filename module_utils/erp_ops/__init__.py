# SPDX-License-Identifier: GPL-3.0-or-later
"""The logic of the toolkit: importable with Ansible (``ansible.module_utils.erp_ops``) and without (``erp_ops``).

Pure functions and frozen dataclasses. I/O stands only in files whose name says so.
"""
