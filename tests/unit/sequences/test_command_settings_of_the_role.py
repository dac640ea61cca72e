# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role writes is what the command reads, with the same defaults."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

import yaml
from erp_ops.sequences.command import settings
from erp_ops.sequences.command.log_io import MONITOR_LOG, REPAIR_LOG

# The role names a user and folders of its own; the command alone has none.
OF_THE_ROLE = {"login_user", "log_directory", "state_directory"}


def test_every_setting_is_written_and_has_the_commands_default(repository: Path) -> None:
    role = repository / "roles" / "sequences"
    written = yaml.safe_load((role / "vars/main.yml").read_text())
    defaults = yaml.safe_load((role / "defaults/main.yml").read_text())
    known = {field.name: field.default for field in fields(settings.Settings)}
    assert written["__sequences_settings"].keys() == known.keys()
    # Its variables hold what is in these files.
    others = OF_THE_ROLE | {"mail_password_file", "webhook_url_file"}
    same = {name: default for name, default in known.items() if default is not MISSING and name not in others}
    assert {name: defaults[f"sequences_{name}"] for name in same} == same
    assert f"{written['__sequences_configuration']}/sequences.json" == settings.CONFIGURATION


def test_the_logs_that_the_command_writes_are_rotated(repository: Path) -> None:
    rotated = (repository / "roles/sequences/templates/logrotate.j2").read_text()
    assert REPAIR_LOG in rotated
    assert MONITOR_LOG in rotated
