# SPDX-License-Identifier: GPL-3.0-or-later
"""A module ends with its result, or with one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from erp_ops.errors import OperatorError
from erp_ops.module_end import end_module


def ended(capsys: pytest.CaptureFixture[str], outcome: dict[str, Any] | OperatorError) -> dict[str, Any]:
    def work() -> dict[str, Any]:
        if isinstance(outcome, OperatorError):
            raise outcome
        return outcome

    with patch_module_args({}), pytest.raises(SystemExit):
        end_module(AnsibleModule({}), work)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_the_result_is_what_the_work_returns(capsys: pytest.CaptureFixture[str]) -> None:
    told = ended(capsys, {"changed": True, "rows": 3, "warnings": ["the disk is old"], "failure": None})
    assert (told["changed"], told["rows"], "failed" in told) == (True, 3, False)
    assert "the disk is old" in str(told["warnings"])
    assert "deprecations" not in told


def test_an_error_for_the_operator_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    told = ended(capsys, OperatorError("cannot read it", "it is gone", "Bring it back"))
    assert (told["failed"], told["msg"]) == (True, "cannot read it: it is gone. Bring it back.")
    assert "Traceback" not in json.dumps(told)


def test_a_failure_after_some_work_returns_the_result_too(capsys: pytest.CaptureFixture[str]) -> None:
    told = ended(capsys, {"changed": True, "rows": 3, "warnings": ["slow"], "failure": "half of it is done"})
    assert (told["failed"], told["msg"], told["changed"], told["rows"]) == (True, "half of it is done", True, 3)
    assert "slow" in str(told["warnings"])
