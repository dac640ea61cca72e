# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backup's unit said is told as it was said, and nobody waits for ever to hear it."""

from __future__ import annotations

import pytest
from erp_ops.backup import service_io
from erp_ops.errors import OperatorError

SAID = OperatorError('the backup of "crm" was not taken', "the disk is full: 3 MB are left", "Free some, then rest")


def test_the_last_sentence_of_the_program_is_told_again() -> None:
    first = OperatorError("something else", "of before", "Wait")
    journal = f"erp-backup: {first}\nStarting\nerp-backup: {SAID}\nerp-backup.service: Failed.\n"
    told = service_io.sentence_in(journal)
    assert told is not None
    assert (str(told), told.problem, told.remedy) == (str(SAID), SAID.problem, SAID.remedy)


def test_where_the_program_said_nothing_there_is_nothing_to_tell() -> None:
    assert service_io.sentence_in("erp-backup.service: Main process exited, code=killed\n") is None


def test_a_journal_that_does_not_answer_leaves_the_failure_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def silent(command: list[str], seconds: float) -> None:
        raise TimeoutError(f"{command[0]} did not end within {seconds:g} s")

    systemctl = tmp_path_factory.mktemp("bin") / "systemctl"
    systemctl.write_text("#!/bin/sh\necho 'Job for erp-backup.service failed.' >&2\nexit 1\n")
    systemctl.chmod(0o755)
    monkeypatch.setattr(service_io, "_SYSTEMCTL", str(systemctl))
    monkeypatch.setattr(service_io, "ended", silent)
    with pytest.raises(OperatorError, match="Job for erp-backup") as failure:
        service_io.take("/nowhere.json")
    assert failure.value.problem == "no backup was taken"
