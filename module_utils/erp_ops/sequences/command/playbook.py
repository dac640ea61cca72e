# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen of ``playbooks/sequences.yml``: the command's tables, the playbook's variables for its options (pure)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .arguments import AUTO, CHECK, FIX, INFO, MONITOR, RESET, Request, quoted
from .render import Screen, check_lines, info_lines, repair_lines
from .verdict import severity_of

PLAYBOOK = "ansible-playbook {inventory}playbooks/sequences.yml"
# What an option of the command is for the playbook.
_OPTIONS = {
    "--dry-run": "--check --diff",
    "--check-only": "-e sequences_check_only=true",
    "--force": "-e sequences_force=true",
    "--confirm": "-e sequences_confirm=true",
    "--detailed": "-e sequences_detailed=true",
    "--verbose": "-v",
}
# The same for those with a value, which may be repeated.
_LISTS = {"--app": "sequences_apps", "--table": "sequences_tables"}
# What the engine's sentences, in either language, call by the modules' names.
_VARIABLES = (
    (r"\bpostgresql_sequence_sync\b", "sequences_action=fix"),
    (r"\bforce: true\b", "sequences_force=true"),
    (r"\bconfirm: true\b", "sequences_confirm=true"),
    (r"(the filter|Correct|المرشِّح|صحِّح) (tables|apps|schemas)\b", r"\1 sequences_\2"),
    (r"\blogin_db\b", "sequences_database"),
    (r"\b(login_host|login_port|login_user|login_password)\b", r"sequences_\1"),
)


@dataclass(frozen=True)
class PlaybookRequest(Request):
    """``inventory``: the inventories of the run, as they are to be typed."""

    inventory: tuple[str, ...] = ()

    def command(self, action: str, *options: str) -> str:
        """The next command to type, for the same inventory."""
        words = [PLAYBOOK.format(inventory="".join(f"-i {quoted(one)} " for one in self.inventory))]
        if action != CHECK:
            words.append(f"-e sequences_action={action}")
        lists: dict[str, list[str]] = {}
        flags = []
        rest = iter(options)
        for option in rest:
            if option in _OPTIONS:
                flags.append(_OPTIONS[option])
            else:  # without a name it is the table of a reset
                name = next(rest) if option in _LISTS else option
                lists.setdefault(_LISTS.get(option, "sequences_tables"), []).append(name)
        return " ".join((*words, *(_given(variable, names) for variable, names in lists.items()), *flags))


def _given(variable: str, names: Sequence[str]) -> str:
    """A list on the command line: by commas where Ansible understands them, else as JSON."""
    bare = [shlex.split(name)[0] for name in names]
    if bare == list(names):
        return f"-e {variable}={','.join(bare)}"
    return f"-e {shlex.quote(json.dumps({variable: bare}, ensure_ascii=False))}"


def for_playbook(text: str) -> str:
    """A sentence of the engine with the playbook's variables for the modules' options."""
    for pattern, words in _VARIABLES:
        text = re.sub(pattern, words, text)
    return text


def screen_lines(
    result: dict[str, Any],
    *,
    action: str,
    database: str,
    language: str = "en",
    room: int | None = None,
    inventory: Sequence[str] = (),
    apps: str | Sequence[str] = (),
    tables: str | Sequence[str] = (),
    check_mode: bool = False,
    verbosity: int = 0,
    **options: Any,
) -> Iterable[str]:
    """What an operator sees of a module's result. ``room``: columns; ``options``: those of ``Request``."""
    request = PlaybookRequest(
        action,
        app=_names(apps),
        table=_names(tables),
        inventory=tuple(inventory),
        dry_run=check_mode and action in {FIX, AUTO, RESET},
        verbose=verbosity > 0,
        **options,
    )
    screen = Screen(language, room, names=for_playbook)
    if action == INFO:
        return info_lines(result, database, (), request, screen)
    planned_or_done = "repaired" in result and action != MONITOR
    return (repair_lines if planned_or_done else check_lines)(result, request, screen)


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    """As Ansible takes a list that is given as text with commas."""
    return tuple(part.strip() for part in given.split(",")) if isinstance(given, str) and given else tuple(given)


def exported(result: dict[str, Any], *, database: str, checked_at: str) -> dict[str, Any]:
    """A module's result as the command's ``--export`` writes one. ``checked_at``: ISO 8601."""
    kept = {name: value for name, value in result.items() if name in {"changed", "sequences", "summary", "warnings"}}
    return {"checked_at": checked_at, "database": database, "severity": severity_of(result["summary"])} | kept
