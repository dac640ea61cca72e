# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs for the benchmark of the incident report: as large as wanted, the same every time.

One block of lines is written again and again, each time some seconds later: what a reader remembers of one second does
not help it in the next.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 2, 24, tzinfo=UTC)
DAYS = 3
_BLOCK_LINES = 20_000
_SITE = "/srv/erp/environments/1f/lib/python3.11/site-packages"
_CODE = "/srv/erp/releases/20260224T010203Z-301ad868/app"
_NAMES = ("محمد", "أحمد", "فاطمة", "حسن", "منى", "يوسف", "سعاد", "كريم")

# @D@, @A@ and @P@ are replaced by times as Django, Daphne and PostgreSQL write them.
DJANGO = "@D@"
_INFO = (
    "@D@ INFO - HTTP GET /orders/{number}/ 200 [0.{small:02d}, 127.0.0.1]",
    "@D@ INFO django.request - تم حفظ الطلب {number} للعميل {name}",
    '127.0.0.1:{port} - - [@A@] "GET /p/{number}/" 200 {port}',
    "@P@ [{small}] LOG C-0x55d0{six:06x}: crm/erp@127.0.0.1:{port} login attempt: db=crm user=erp tls=no",
)
_ERRORS = (
    "@D@ ERROR - خطأ في خصم المخزون للعنصر {number}: 'NoneType' object has no attribute 'product'",
    "@D@ ERROR public.cloudflare_sync - Cloudflare sync failed: 500 - "
    '{{"error":"KV {verb} failed: 429 Too Many Requests","mode":"production"}}',
    '@D@ ERROR django.request - connection to server at "localhost" (::1), port 6432 failed: Connection refused',
    "@D@ ERROR - ❌ محاولة سحب من مستودع فارغ! المنتج: {name} {number} المستودع: الادويه الكمية: {small}.00",
    "@P@ [{small}] erp@crm ERROR:  deadlock detected",
    "@D@ ERROR orders.views - cannot price order {number} for '{name}': no such colour",
    "@D@ WARNING django.request - Not Found: /media/{twelve:012x}.png",
    # Free text, of which hardly two are the same.
    "@D@ ERROR customers - تعذر حفظ العميل {names} ({number})",
)


def _line(templates: Sequence[str], chance: random.Random) -> str:
    return chance.choice(templates).format(
        number=chance.randrange(10**6),
        small=chance.randrange(99),
        port=chance.randrange(65536),
        six=chance.randrange(16**6),
        twelve=chance.randrange(16**12),
        verb=chance.choice(("PUT", "DELETE")),
        name=chance.choice(_NAMES),
        names=" ".join(chance.choice(_NAMES) for _ in range(4)),
    )


def _traceback(chance: random.Random) -> str:
    frames = [(f"{_SITE}/django/core/handlers/base.py", "get_response")] * 8
    frames.append((f"{_CODE}/orders/views.py", chance.choice(("show", "edit", "remove"))))
    lines = [f'  File "{path}", line {number + 40}, in {name}\n    raise' for number, (path, name) in enumerate(frames)]
    head = f"@D@ ERROR django.request - Internal Server Error: /orders/{chance.randrange(10**6)}/"
    return "\n".join([head, "Traceback (most recent call last):", *lines, f"KeyError: {chance.randrange(999)}"])


def _block(share: float, form: str, chance: random.Random) -> str:
    """So many lines, of which ``share`` are errors; where not all of them are, half are those of tracebacks."""
    info, failures = ([one for one in lines if one.startswith(form)] for lines in (_INFO, _ERRORS))
    lines: list[str] = []
    errors = 0
    while len(lines) < _BLOCK_LINES:
        if errors >= share * (len(lines) + 1):
            lines.append(_line(info, chance))
            continue
        made = _line(failures, chance) if share == 1 or chance.random() < 0.95 else _traceback(chance)
        errors += made.count("\n") + 1
        lines += made.split("\n")
    return "\n".join(lines) + "\n"


def write(path: Path, size: int, share: float, form: str = "") -> int:
    """A log of about ``size`` bytes; return how many it has. ``form``: how each of its records begins, DJANGO say."""
    block = _block(share, form, random.Random(26))  # noqa: S311 - the same logs every time
    pieces = block.split("\n")
    written = 0
    blocks = max(1, size // len(block.encode()))
    step = timedelta(days=DAYS) / (blocks * 20)
    with path.open("wb") as file:
        for number in range(blocks):
            parts = []
            for part in range(20):
                when = BEGIN + step * (number * 20 + part)
                text = "\n".join(pieces[part * len(pieces) // 20 : (part + 1) * len(pieces) // 20])
                parts.append(_stamped(text, when))
            written += file.write(("\n".join(parts)).encode())
    return written


def _stamped(text: str, when: datetime) -> str:
    return (
        text.replace("@D@", when.strftime("[%Y-%m-%d %H:%M:%S]"))
        .replace("@A@", when.strftime("%d/%b/%Y:%H:%M:%S"))
        .replace("@P@", when.strftime("%Y-%m-%d %H:%M:%S.123 UTC"))
    )


def write_postgresql(path: Path, size: int, share: float) -> int:
    """A log of PostgreSQL's only, for peers that read nothing else."""
    chance = random.Random(26)  # noqa: S311 - the same logs every time
    written = 0
    when = BEGIN
    with path.open("wb") as file:
        while written < size:
            when += timedelta(milliseconds=40)
            head = when.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + f" UTC [{chance.randrange(9999)}]"
            if chance.random() < share:
                text = chance.choice(("deadlock detected", "canceling statement due to statement timeout"))
                line = f"{head} erp@crm ERROR:  {text}\n{head} erp@crm STATEMENT:  SELECT {chance.randrange(10**6)}\n"
            else:
                line = (
                    f"{head} LOG:  checkpoint complete: wrote {chance.randrange(999)} buffers (0.1%); 0 WAL file(s)\n"
                )
            written += file.write(line.encode())
    return written
