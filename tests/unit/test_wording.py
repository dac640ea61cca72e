# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of sentences."""

from __future__ import annotations

import pytest
from erp_ops.wording import first_of


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
)
def test_a_few_names_are_told_and_how_many_more_there_are(names: list[str], told: str) -> None:
    assert first_of(names, 2) == told
