# SPDX-License-Identifier: GPL-3.0-or-later
"""How every module ends: with its result, or with the one sentence of an OperatorError (without Ansible)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from .errors import OperatorError


class Module(Protocol):
    """What is used of an AnsibleModule."""

    def warn(self, warning: str) -> None: ...

    def exit_json(self, **result: Any) -> NoReturn: ...

    def fail_json(self, msg: str, **result: Any) -> NoReturn: ...


def end_module(module: Module, work: Callable[[], dict[str, Any]]) -> NoReturn:
    """End the module with what ``work`` returns.

    Of the result ``warnings`` are shown as Ansible's warnings; with ``failure``, a sentence, the module fails and
    returns the rest all the same.
    """
    try:
        result = work()
    except OperatorError as error:
        module.fail_json(msg=str(error))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    failure = result.pop("failure", None)
    if failure is not None:
        module.fail_json(msg=failure, **result)
    module.exit_json(**result)
