# SPDX-License-Identifier: GPL-3.0-or-later
"""The test of drift sees every file that a role writes: each module that the roles use is known to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import yaml

from tests.repository import REPOSITORY

PLUGIN = "molecule/topology/callback_plugins/managed_files.py"

# What else the roles call: packages, services, databases, the tool's own modules. None leaves a file to drift by hand;
# what a release holds is looked after by erp_releases.
OTHERS = {
    "ansible.builtin.apt", "ansible.builtin.assert", "ansible.builtin.command", "ansible.builtin.debug",
    "ansible.builtin.fail", "ansible.builtin.file", "ansible.builtin.find", "ansible.builtin.git",
    "ansible.builtin.group", "ansible.builtin.import_role", "ansible.builtin.import_tasks",
    "ansible.builtin.include_role", "ansible.builtin.include_tasks", "ansible.builtin.include_vars",
    "ansible.builtin.meta", "ansible.builtin.pip", "ansible.builtin.set_fact", "ansible.builtin.shell",
    "ansible.builtin.slurp", "ansible.builtin.stat", "ansible.builtin.systemd_service", "ansible.builtin.tempfile",
    "ansible.builtin.unarchive", "ansible.builtin.uri", "ansible.builtin.user",
    "ansible.builtin.validate_argument_spec", "ansible.builtin.wait_for", "ansible.posix.acl", "code_patch_series",
}  # fmt: skip
OTHERS_PREFIXES = ("awx.awx.", "community.postgresql.", "legacy_", "postgresql_", "pgbouncer_", "django_", "erp_")
# What is no module.
KEYWORDS = {
    "always", "become", "become_user", "block", "changed_when", "check_mode", "delay", "delegate_to", "diff",
    "environment", "failed_when", "listen", "loop", "loop_control", "name", "no_log", "notify", "register", "rescue",
    "retries", "run_once", "tags", "throttle", "until", "vars", "when", "args", "async", "poll", "module_defaults",
    "any_errors_fatal", "delegate_facts", "ignore_unreachable", "timeout",
}  # fmt: skip


def tasks_of(content: Any) -> Iterator[dict[str, Any]]:
    for task in content or []:
        blocks = [task[name] for name in ("block", "rescue", "always") if name in task]
        if blocks:
            for block in blocks:
                yield from tasks_of(block)
        else:
            yield task


def modules_of_the_roles() -> dict[str, str]:
    """Module to one file that uses it."""
    found: dict[str, str] = {}
    for path in sorted(REPOSITORY.glob("roles/*/tasks/*.yml")) + sorted(REPOSITORY.glob("roles/*/handlers/*.yml")):
        for task in tasks_of(yaml.safe_load(path.read_text())):
            for name in task.keys() - KEYWORDS:
                found[name] = str(path.relative_to(REPOSITORY))
    return found


def test_the_tasks_of_the_roles_are_found() -> None:
    assert {"ansible.builtin.template", "ansible.builtin.apt"} <= modules_of_the_roles().keys()


def test_a_module_that_writes_files_cannot_be_forgotten_by_the_test_of_drift(
    load_file: Callable[[str], ModuleType],
) -> None:
    plugin = load_file(PLUGIN)
    watched = plugin.WHOLE | plugin.PART
    unknown = {
        name: path
        for name, path in modules_of_the_roles().items()
        if name not in watched | OTHERS and not name.startswith(OTHERS_PREFIXES) and not name.endswith("_info")
    }
    assert not unknown, f"say in {PLUGIN} how these write files, or here that they write none: {unknown}"
