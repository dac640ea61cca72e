# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and personal data out of what a report quotes. Pure.

It errs on the side of hiding: what looks like a token is one.
"""

from __future__ import annotations

import re

_NAMES = (
    r"password|passwd|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|authorization|credential|cookie|sessionid|csrf\w*"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(://[^\s:/@]*):[^\s@/]+@"), r"\1:***@"),
    (re.compile(r"(?i)\b(bearer|basic|token)\s+[\w.~+/=-]{8,}"), r"\1 ***"),
    # name=value, name: value, "name": "value", X-Sync-API-Key: value, كلمة المرور: value
    (
        re.compile(
            rf"""(?i)((?<![\w-])[\w-]*(?:{_NAMES}|كلمة المرور|كلمة السر)[\w-]*["']?\s*(?:=>|[=:])\s*)"""
            r"""(?:"[^"\n]*"|'[^'\n]*'|(?!\*\*\*|(?:bearer|basic|token)\s)[^\s,;&}\])]+)"""
        ),
        r"\1***",
    ),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), "***"),
    # A unit of systemd with an instance, erp-worker@main.service, is nobody's address.
    (
        re.compile(
            r"(?<![\w.+-])[\w.+-]+@(?![\w-]+\.(?:service|socket|timer|target|slice)\b(?![.\w]))[\w-]+(?:\.[\w-]+)+"
        ),
        "***@***",
    ),
    # International, and Egypt's mobile numbers and land lines, with or without separators; in Arabic digits too.
    (re.compile(r"(?<![\w.:+-])(?:\+|00)\d(?:[ ().-]?\d){8,13}(?![\w])"), "***"),
    (re.compile(r"(?<![\w.:/+-])0(?:1[0125](?:[ -]?\d){8}|[2-9]\d?[ -]?\d{7,8})(?![\w])"), "***"),
    (re.compile(r"(?<!\w)[٠-٩](?:[ -]?[٠-٩]){9,13}(?!\w)"), "***"),
    # Long runs of letters and digits without a word in them: keys, hashes, session IDs.
    (re.compile(r"(?<![\w/.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[A-Za-z0-9+_-]{32,}={0,2}(?![\w/.])"), "***"),
)


def masked(text: str) -> str:
    """The text without what must not leave the host."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
