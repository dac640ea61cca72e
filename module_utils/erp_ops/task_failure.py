# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a task of a playbook failed, from its result. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# All that Ansible says of a program that failed.
_SAYS_NOTHING = "non-zero return code"
_NO_REASON = "It gave no reason."


def why_failed(result: Mapping[str, Any]) -> str:
    """The reasons, each once; of a loop, those of the items that failed, where Ansible says only that some did."""
    items = result.get("results") or [result]
    return " ".join(dict.fromkeys(_reason(one) for one in items if one.get("failed"))) or _NO_REASON


def _reason(result: Mapping[str, Any]) -> str:
    message = str(result.get("msg") or "").strip()
    if message and _SAYS_NOTHING not in message:
        return message
    output = (str(result.get(stream) or "") for stream in ("stdout", "stderr"))
    said = [line.strip() for text in output for line in text.splitlines() if line.strip()]
    if said:
        return said[-1]
    return f"It ended with exit status {result['rc']} and said nothing." if "rc" in result else _NO_REASON
