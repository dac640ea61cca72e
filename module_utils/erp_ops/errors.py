# SPDX-License-Identifier: GPL-3.0-or-later
"""The one kind of error that reaches an operator."""

from __future__ import annotations


class OperatorError(Exception):
    """Something a person must act on, said in one sentence: what, why, what to do.

    ``module_end.py`` hands ``str(error)`` to a module's ``fail_json``; the host command prints it.

    ``problem``: what could not be done, for example ``cannot connect to database "crm_system"``.
    ``cause``: why, as precisely as it is known. ``remedy``: the next thing to do, with the very command where there
    is one. None of the three ends with a full stop, and none ever carries a secret.
    """

    def __init__(self, problem: str, cause: str, remedy: str) -> None:
        super().__init__(problem, cause, remedy)
        self.problem = problem
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}: {self.cause}. {self.remedy}."
