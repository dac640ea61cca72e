# SPDX-License-Identifier: GPL-3.0-or-later
"""A module ends with its result, or with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from erp_ops.errors import OperatorError
from erp_ops.module_end import end_module


class Module:
    """What an AnsibleModule is told."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.result: dict[str, Any] = {}

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: Any) -> NoReturn:
        self.result = result
        raise SystemExit

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        self.exit_json(msg=msg, failed=True, **result)


def ended(work: Callable[[], dict[str, Any]]) -> Module:
    module = Module()
    with pytest.raises(SystemExit):
        end_module(module, work)
    return module


def test_the_result_is_what_the_work_returns() -> None:
    module = ended(lambda: {"changed": True, "rows": 3, "warnings": ["the disk is old"], "failure": None})
    assert module.result == {"changed": True, "rows": 3}
    assert module.warnings == ["the disk is old"]


def test_an_error_for_the_operator_is_one_sentence() -> None:
    def work() -> dict[str, Any]:
        raise OperatorError("cannot read it", "it is gone", "Bring it back")

    assert ended(work).result == {"msg": "cannot read it: it is gone. Bring it back.", "failed": True}


def test_a_failure_after_some_work_returns_the_result_too() -> None:
    module = ended(lambda: {"changed": True, "rows": 3, "warnings": ["slow"], "failure": "half of it is done"})
    assert module.result == {"msg": "half of it is done", "failed": True, "changed": True, "rows": 3}
    assert module.warnings == ["slow"]
