# SPDX-License-Identifier: GPL-3.0-or-later
"""A result of the sequence modules as ``erp-sequences`` shows it; what comes next is the playbook's commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import ansible.module_utils

# Beside the table stand the columns by which Ansible indents a message. Where there is no terminal: what AWX shows.
INDENT = 8
FALLBACK = (110, 24)

_MODULE_UTILS = str(Path(__file__).resolve().parents[1] / "module_utils")
# ansible.cfg tells only Ansible's packer of modules where the toolkit's own are.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.erp_ops.sequences.command.playbook import exported, screen_lines  # noqa: E402


def screen_of_sequences(result: dict[str, Any], **asked: Any) -> str:
    """The lines for an operator, joined. ``asked``: see ``playbook.screen_lines``."""
    return "\n".join(screen_lines(result, room=shutil.get_terminal_size(FALLBACK).columns - INDENT, **asked))


def export_of_sequences(result: dict[str, Any], database: str) -> dict[str, Any]:
    """What a file gets that somebody asked for."""
    return exported(result, database=database, checked_at=datetime.now().astimezone().isoformat(timespec="seconds"))


class FilterModule:
    """What Ansible looks for in a filter plugin."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"screen_of_sequences": screen_of_sequences, "export_of_sequences": export_of_sequences}
