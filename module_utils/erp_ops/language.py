# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the toolkit's two languages a person reads, by the locale (pure)."""

from __future__ import annotations

from collections.abc import Mapping

ARABIC = "ar"
ENGLISH = "en"
LANGUAGES = (ENGLISH, ARABIC)


def language_of(environment: Mapping[str, str]) -> str:
    """By the first of LC_ALL, LC_MESSAGES and LANG that is set, as programs of the system do it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return ARABIC if locale.partition("_")[0].partition(".")[0].lower() == ARABIC else ENGLISH
