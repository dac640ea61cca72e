# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of three days with the incidents of the report of 26 February 2026, as the ERP writes them (I/O).

Each error stands in three files, as the ERP's LOGGING has it; some in PostgreSQL's log too. The files are rotated and
packed; rotation has cut a line and a traceback in the middle, one file ends without a newline; there is text that is
no UTF-8, and a clock that was set back.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

ZONE = timezone(timedelta(hours=2))  # Africa/Cairo in winter
BEGIN = datetime(2026, 2, 24, tzinfo=ZONE)
END = datetime(2026, 2, 27, tzinfo=ZONE)
RESTART = datetime(2026, 2, 25, 12, 53, 8, tzinfo=ZONE)
ROTATED_AT = (datetime(2026, 2, 25, tzinfo=ZONE), datetime(2026, 2, 26, tzinfo=ZONE))

# By signature: events, lines that match it, events after the restart, incidents where they are certain.
TABLE = {
    "BUG-011": (6, 6, 0),
    "BUG-012": (4, 4, 0),
    "BUG-013": (26, 26, 14),
    "BUG-014": (3, 3, 1),
    "BUG-017": (15, 30, 9),
    "BUG-018": (5, 20, 0),
    "BUG-019": (13, 13, 7),
}
KV_VARIANTS = {"PUT": 9, "DELETE": 4}
UNKNOWN_BUG = ("KeyError orders/views.py:order_colour", 7)
SECRET, MAIL, PHONE = "sk_live_9f8e7d6c5b4a", "hassan.ali@example.com", "+20 100 123 4567"

_SITE = "/srv/erp/environments/1f/lib/python3.11/site-packages"
_CODE = "/srv/erp/releases/20260224T010203Z-301ad868/app"
_NONE_PRODUCT = "'NoneType' object has no attribute 'product'"
_KV = 'Cloudflare sync failed: 500 - {"error":"KV %s failed: 429 Too Many Requests","mode":"production"}'
_REFUSED = (
    'connection to server at "localhost" (::1), port 6432 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?\n"
    'connection to server at "localhost" (127.0.0.1), port 6432 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?"
)

Record = tuple[datetime, str, str, str]  # time, level, logger, text


def write(folder: Path, *, noise: int = 20_000, seed: int = 26) -> None:
    """All logs, into ``folder``. ``noise``: how many lines that nobody needs ``django.log`` has besides."""
    chance = random.Random(seed)  # noqa: S311 - the same logs every time
    errors = sorted([*_errors(chance)], key=lambda one: one[0])
    everything = sorted([*errors, *_noise(chance, noise)], key=lambda one: one[0])
    _set_clock_back(everything)
    _log(folder / "django.log", [(record[0], _plain(record)) for record in everything])
    _log(folder / "errors.log", [(record[0], _plain(record)) for record in errors])
    _log(folder / "service_error.log", [(record[0], _named(record)) for record in errors])
    _log(folder / "startup.log", [*_startup()])
    _log(folder / "cloudflared.log", [*_cloudflared()])
    _log(folder / "postgres-monitor.log", [*_monitor()])
    _log(folder / "security.log", [*_security()])
    _log(folder / "db_backup.log", [*_backups()])
    _log(folder / "postgresql-15-main.log", [*_postgresql(errors)])
    _log(folder / "pgbouncer.log", [*_pgbouncer()])


def _between(chance: random.Random, begin: datetime, end: datetime) -> datetime:
    return begin + timedelta(seconds=chance.randrange(int((end - begin).total_seconds())))


def _spread(chance: random.Random, before: int, after: int) -> Iterator[datetime]:
    """So many moments before and after the restart, no two alike."""
    seen: set[datetime] = set()
    for count, begin, end in ((before, BEGIN, RESTART - timedelta(minutes=10)), (after, RESTART, END)):
        wanted = len(seen) + count
        while len(seen) < wanted:
            moment = _between(chance, begin, end)
            if moment not in seen:
                seen.add(moment)
                yield moment


def _trace(*frames: tuple[str, int, str], end: str) -> str:
    lines = [f'  File "{path}", line {line}, in {name}\n    {name}(request)' for path, line, name in frames]
    return "\n".join(["Traceback (most recent call last):", *lines, end])


_HANDLER = (f"{_SITE}/django/core/handlers/exception.py", 55, "inner")


def _errors(chance: random.Random) -> Iterator[Record]:
    for number, when in enumerate(_spread(chance, 6, 9)):
        text = f"خطأ في خصم المخزون للعنصر {2000 + number * 7}: {_NONE_PRODUCT}\n" + _trace(
            (f"{_CODE}/cutting/models.py", 66, "mark_as_completed"),
            (f"{_CODE}/cutting/inventory_integration.py", 35, "process_cutting_completion"),
            end=f"AttributeError: {_NONE_PRODUCT}",
        )
        yield when, "ERROR", "cutting.models", text
    for number in range(5):
        when = datetime(2026, 2, 25, 12, 50, 11 + 2 * number, tzinfo=ZONE)
        chained = (
            _trace((f"{_SITE}/psycopg2/__init__.py", 122, "connect"), end=f"psycopg2.OperationalError: {_REFUSED}")
            + "\n\nThe above exception was the direct cause of the following exception:\n\n"
            + _trace(
                _HANDLER,
                (f"{_CODE}/orders/views.py", 88, "order_list"),
                (f"{_SITE}/django/db/backends/base/base.py", 256, "connect"),
                end=f"django.db.utils.OperationalError: {_REFUSED}\n",
            )
        )
        yield when, "ERROR", "django.request", f"Internal Server Error: /orders/{number}/\n{chained}"
    kinds = ["PUT"] * 9 + ["DELETE"] * 4
    chance.shuffle(kinds)
    for when, kind in zip(_spread(chance, 6, 7), kinds, strict=True):
        yield when, "ERROR", "public.cloudflare_sync", _KV % kind
    for number, when in enumerate(_spread(chance, 12, 14)):
        product = ("2000", "قماش كتان", "ستارة بلاك اوت 'كحلي'")[number % 3]
        text = f"❌ محاولة سحب من مستودع فارغ! المنتج: {product} المستودع: الادويه الكمية: {number + 1}.00"
        yield when, "ERROR", "inventory.signals", text
    for when in _spread(chance, 6, 0):
        text = "Internal Server Error: /cutting/5/complete/\n" + _trace(
            _HANDLER,
            (f"{_CODE}/cutting/views.py", 210, "complete"),
            end="ImportError: cannot import name 'deduct_inventory_for_cutting' from 'cutting.inventory_integration'",
        )
        yield when, "ERROR", "django.request", text
    for when in _spread(chance, 4, 0):
        text = "Internal Server Error: /installations/archive/\n" + _trace(
            _HANDLER,
            (f"{_CODE}/installations/views.py", 77, "archive"),
            end="django.db.utils.IntegrityError: duplicate key value violates unique constraint "
            '"installations_installationarchive_pkey"\nDETAIL:  Key (id)=(812) already exists.\n',
        )
        yield when, "ERROR", "django.request", text
    for number, when in enumerate(_spread(chance, 0, 7)):
        text = f"Internal Server Error: /orders/{number * 31}/colour/\n" + _trace(
            _HANDLER, (f"{_CODE}/orders/views.py", 140 + number % 2, "order_colour"), end=f"KeyError: 'c{number}'"
        )
        yield when, "ERROR", "django.request", text
    for when in _spread(chance, 2, 1):
        text = f"تعذر إرسال رسالة إلى {MAIL} هاتف {PHONE} api_key={SECRET}"
        yield when, "ERROR", "notifications", text


def _noise(chance: random.Random, count: int) -> Iterator[Record]:
    texts = (
        "تم خصم 3.50 من قماش كتان للعنصر {}",
        "تمت مزامنة {} منتجات; ERROR count 0",
        "retry after KV PUT failed: 429 Too Many Requests, try {}",  # it went well afterwards
        "HTTP POST /orders/create/ 201 [0.03, 127.0.0.1:{}]",
        "summary of {}:\n  errors: 0\nno exception was raised",
    )
    for number in range(count):
        yield _between(chance, BEGIN, END), "INFO", "orders", texts[number % len(texts)].format(number)


def _set_clock_back(records: list[Record]) -> None:
    """For ten minutes the noise is stamped five minutes early: somebody corrected the clock."""
    begin, end = datetime(2026, 2, 24, 15, tzinfo=ZONE), datetime(2026, 2, 24, 15, 10, tzinfo=ZONE)
    for number, (when, level, logger, text) in enumerate(records):
        if level == "INFO" and begin <= when < end:
            records[number] = (when - timedelta(minutes=5), level, logger, text)


def _stamp(when: datetime) -> str:
    return when.strftime("[%Y-%m-%d %H:%M:%S]")


def _plain(record: Record) -> bytes:
    when, level, _, text = record
    return f"{_stamp(when)} {level} - {text}\n".encode()


def _named(record: Record) -> bytes:
    when, level, logger, text = record
    return f"{_stamp(when)} {level} {logger} - {text}\n".encode()


def _startup() -> Iterator[tuple[datetime, bytes]]:
    starts = (datetime(2026, 2, 24, 13, 33, 4, tzinfo=ZONE), datetime(2026, 2, 25, 9, 2, 40, tzinfo=ZONE), RESTART)
    for when in starts:
        for text in ("🚀 بدء تشغيل النظام", "✅ INFO: تم تشغيل Redis", "❌ ERROR: فشل في تشغيل Celery Worker"):
            yield when, f"{_stamp(when)} {text}\nOperations to perform:\n  Apply all migrations\n".encode()


def _cloudflared() -> Iterator[tuple[datetime, bytes]]:
    for hour in range(72):
        when = BEGIN + timedelta(hours=hour)
        utc = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield when, f"{utc} INF Registered tunnel connection connIndex=0 ip=198.41.200.{hour}\n".encode()
        if hour in (36, 37):
            text = 'ERR  error="Unable to reach the origin service. The service may be down" originService=http://[::1]:8000'
            yield when, f"{utc} {text}\n".encode()


def _monitor() -> Iterator[tuple[datetime, bytes]]:
    for minute in range(0, 72 * 60, 30):
        when = BEGIN + timedelta(minutes=minute)
        failed = when == datetime(2026, 2, 25, 12, 30, tzinfo=ZONE)
        text = "FAIL - postgres not accepting connections" if failed else "OK - accepting connections"
        yield when, f"{when.isoformat()} - {text}\n".encode()


def _security() -> Iterator[tuple[datetime, bytes]]:
    for hour in range(1, 72, 20):
        when = BEGIN + timedelta(hours=hour)
        text = "Invalid HTTP_HOST header: 'evil.example'. You may need to add 'evil.example' to ALLOWED_HOSTS."
        yield when, f"{_stamp(when)} ERROR django.security.DisallowedHost - {text}\n".encode()


def _backups() -> Iterator[tuple[datetime, bytes]]:
    for hour in range(72):
        when = BEGIN + timedelta(hours=hour)
        name = when.strftime("backup-%Y%m%d_%H%M%S.sql.gz")
        yield when, f"✔️ تم إنشاء نسخة احتياطية بنجاح: {name}\n".encode()
        if hour == 40:
            yield when + timedelta(seconds=1), "❌ فشل إنشاء النسخة الاحتياطية\n".encode()


def _postgresql(errors: list[Record]) -> Iterator[tuple[datetime, bytes]]:
    for when, _, _, text in errors:
        head = when.strftime("%Y-%m-%d %H:%M:%S.250 EET [4711]")
        yield when, f"{head} LOG:  checkpoint starting: time\n".encode()
        if "duplicate key" in text:
            # The same failure as the application tells it, at the same second.
            lines = [
                f"{head} erp@crm_system ERROR:  duplicate key value violates unique constraint "
                '"installations_installationarchive_pkey"',
                f"{head} erp@crm_system DETAIL:  Key (id)=(812) already exists.",
                f"{head} erp@crm_system STATEMENT:  INSERT INTO installations_installationarchive\n\tVALUES (812)",
            ]
            yield when, ("\n".join(lines) + "\n").encode()


def _pgbouncer() -> Iterator[tuple[datetime, bytes]]:
    for minute in range(0, 72 * 60, 5):
        when = BEGIN + timedelta(minutes=minute)
        head = when.strftime("%Y-%m-%d %H:%M:%S.100 EET [812]")
        yield when, f"{head} LOG stats: 12 xacts/s, 30 queries/s, in 4096 B/s, out 8192 B/s\n".encode()
        if minute % 1440 == 5:
            text = "crm_system/erp@127.0.0.1:41234 pooler error: client_login_timeout (server down)"
            yield when, f"{head} WARNING C-0x55d0c8a7{minute:04x}: {text}\n".encode()


def _log(path: Path, rows: list[tuple[datetime, bytes]]) -> None:
    """A log of three files: packed, rotated, and the one that is written to. Where rotation cut, it cut lines."""
    parts: dict[int, list[bytes]] = defaultdict(list)
    for when, text in rows:
        parts[sum(when >= moment for moment in ROTATED_AT)].append(text)
    bodies = [b"".join(parts[number]) for number in range(3)]
    if path.name in ("django.log", "service_error.log") and bodies[0]:
        cut = len(bodies[0]) - 40
        bodies[1] = bodies[0][cut:] + bodies[1]
        bodies[0] = bodies[0][:cut]
    if path.name == "errors.log":
        bodies[1] = bodies[1].rstrip(b"\n")
    if path.name == "django.log":
        bodies[2] = b"\xff\xfe\x00 no UTF-8 \xc3\x28\n" + bodies[2]
    old = path.with_name(f"{path.name}-20260225-1771970400")
    if path.name == "cloudflared.log" and (zstd := shutil.which("zstd")):
        _write(old, bodies[0], ROTATED_AT[0])
        subprocess.run([zstd, "--quiet", "--rm", str(old)], check=True)
        old = old.with_name(f"{old.name}.zst")
    else:
        old = old.with_name(f"{old.name}.gz")
        old.write_bytes(gzip.compress(bodies[0]))
    os.utime(old, (ROTATED_AT[0].timestamp(),) * 2)
    _write(path.with_name(f"{path.name}-20260226-1772056800"), bodies[1], ROTATED_AT[1])
    _write(path, bodies[2], END)


def _write(path: Path, content: bytes, modified: datetime) -> None:
    path.write_bytes(content)
    os.utime(path, (modified.timestamp(),) * 2)
