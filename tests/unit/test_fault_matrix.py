# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix meets the steps that a restore has, and looks at the server with its own eyes at the right thing."""

from __future__ import annotations

import re

from erp_ops.restore import lock_io
from fault_matrix import state
from fault_matrix.cases import CASES

from tests.repository import REPOSITORY

NAME = re.compile(r"^ *- name: (.*)$", re.MULTILINE)


def test_every_case_is_held_at_a_task_that_the_roles_have() -> None:
    names = {name for path in REPOSITORY.glob("roles/*/tasks/*.yml") for name in NAME.findall(path.read_text())}
    assert {case.task for case in CASES} <= names


def test_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_lock_that_is_waited_for_is_the_one_that_a_restore_takes() -> None:
    assert state.LOCK_KEY == lock_io.LOCK_KEY
