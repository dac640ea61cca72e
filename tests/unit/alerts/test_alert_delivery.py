# SPDX-License-Identifier: GPL-3.0-or-later
"""Several attempts, several channels, one bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import pytest
from erp_ops.alerts import delivery_io
from erp_ops.alerts.delivery_io import ATTEMPTS, Delivery, UnreachableError, deliver
from erp_ops.errors import OperatorError

BUSY = UnreachableError("cannot send", "nobody answers", "Wait")
REFUSED = OperatorError("cannot send", "no such address", "Correct it")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_io, "PAUSE_SECONDS", 0.01)


def failing(*errors: Exception | None) -> tuple[Callable[[], None], list[int]]:
    """A channel that fails so at each attempt, and then works; and a count of the attempts."""
    attempts: list[int] = []

    def send() -> None:
        attempts.append(1)
        error = errors[len(attempts) - 1] if len(attempts) <= len(errors) else None
        if error is not None:
            raise error

    return send, attempts


def test_a_server_that_answers_at_the_second_attempt_gets_the_message() -> None:
    send, attempts = failing(BUSY)
    assert deliver({"mail": send}) == {"mail": Delivery(True)}
    assert len(attempts) == 2


def test_attempts_are_bounded() -> None:
    send, attempts = failing(*[BUSY] * 10)
    assert deliver({"mail": send}) == {"mail": Delivery(False, BUSY)}
    assert len(attempts) == ATTEMPTS


def test_what_will_not_change_is_not_tried_again() -> None:
    send, attempts = failing(REFUSED)
    assert deliver({"mail": send}) == {"mail": Delivery(False, REFUSED)}
    assert len(attempts) == 1


def test_a_complaint_does_not_make_an_accepted_message_a_lost_one() -> None:
    assert deliver({"mail": lambda: REFUSED}) == {"mail": Delivery(True, REFUSED)}


def test_one_channel_does_not_wait_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_io, "DEADLINE_SECONDS", 0.3)
    never = Event()
    begun = time.monotonic()
    found = deliver({"mail": lambda: never.wait(20) and None, "webhook": lambda: None})
    assert time.monotonic() - begun < 5
    never.set()
    assert found["webhook"] == Delivery(True)
    assert not found["mail"].accepted
    assert "no answer within 0.3 seconds" in str(found["mail"].complaint)


def test_a_defect_is_told_and_raises_nothing() -> None:
    send, _ = failing(ZeroDivisionError("x"))
    found = deliver({"mail": send})["mail"]
    assert not found.accepted
    assert "ZeroDivisionError: x" in str(found.complaint)


def test_all_attempts_together_take_well_below_a_minute() -> None:
    assert delivery_io.DEADLINE_SECONDS <= 45
