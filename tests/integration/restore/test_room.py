# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup from the controller is copied only where it has room."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.restore.room_io import demand_room


def test_a_folder_that_does_not_exist_yet_has_the_room_of_its_file_system(tmp_path: Path) -> None:
    assert demand_room(str(tmp_path / "not" / "yet"), 1, 0) > 1
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize("share", ["size", "reserve"])
def test_too_little_room_is_one_sentence(share: str, tmp_path: Path) -> None:
    more = shutil.disk_usage(tmp_path).total + 1
    with pytest.raises(OperatorError, match="are needed"):
        demand_room(str(tmp_path), *((more, 0) if share == "size" else (1, more)))
