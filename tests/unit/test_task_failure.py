# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from erp_ops.task_failure import why_failed


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"failed": True, "msg": "The disk is full."}, "The disk is full."),
        # A task with failed_when has an empty message.
        (
            {"failed": True, "msg": "", "rc": 0, "stdout": "NOAUTH Authentication required.\n"},
            "NOAUTH Authentication required.",
        ),
        (
            {
                "failed": True,
                "msg": "non-zero return code",
                "rc": 1,
                "stdout": "step 1\n",
                "stderr": "Traceback\nKeyError: 1\n",
            },
            "KeyError: 1",
        ),
        (
            {"failed": True, "msg": "non-zero return code", "rc": 3, "stdout": "", "stderr": ""},
            "It ended with exit status 3 and said nothing.",
        ),
        ({"failed": True}, "It gave no reason."),
        ({"failed": True, "msg": "All items completed", "results": [{"msg": "well"}]}, "It gave no reason."),
        (
            {
                "failed": True,
                "msg": "One or more items failed",
                "results": [
                    {"failed": False, "msg": "well"},
                    {"msg": "not judged"},
                    {"failed": True, "msg": "No unit a."},
                    {"failed": True, "msg": "No unit b."},
                    {"failed": True, "msg": "No unit a."},
                ],
            },
            "No unit a. No unit b.",
        ),
    ],
)
def test_the_reason_is_what_the_task_said(result: dict[str, Any], why: str) -> None:
    assert why_failed(result) == why
