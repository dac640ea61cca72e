# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix looks at the server with its own eyes, and must look at the right thing."""

from __future__ import annotations

from erp_ops.restore import lock_io

from bench import fault_state


def test_the_lock_that_is_waited_for_is_the_one_that_a_restore_takes() -> None:
    assert fault_state.LOCK_KEY == lock_io.LOCK_KEY
