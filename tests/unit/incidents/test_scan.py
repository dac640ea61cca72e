# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as each program writes them, however the stream is cut."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from erp_ops.incidents.classify import Classifier
from erp_ops.incidents.clock import Clock
from erp_ops.incidents.scan import LONGEST_RECORD, Scan
from erp_ops.incidents.shipped import SHIPPED
from erp_ops.incidents.signatures import compiled
from erp_ops.incidents.tally import Tally

CAIRO = ZoneInfo("Africa/Cairo")
NOON = int(datetime(2026, 2, 25, 12, 50, 11, tzinfo=CAIRO).timestamp())


def scanned(text: str | bytes, size: int = 1 << 20, zone: ZoneInfo = CAIRO) -> Tally:
    data = text.encode() if isinstance(text, str) else text
    tally = Tally(0, 1 << 40)
    scan = Scan(Clock(zone), Classifier(compiled(SHIPPED, SHIPPED)), tally, tally.family("log"))
    for begin in range(0, len(data), size):
        scan.feed(data[begin : begin + size])
    scan.finish()
    return tally


def counts(tally: Tally) -> dict[str, tuple[int, int]]:
    return {
        key: (sum(one.events for one in tally.moments(group)), sum(one.lines for one in tally.moments(group)))
        for key, group in tally.groups.items()
    }


@pytest.mark.parametrize(
    "line",
    [
        "[2026-02-25 12:50:11] ERROR - deadlock detected",
        "[2026-02-25 12:50:11] ERROR django.request - deadlock detected",
        "[2026-02-25 12:50:11] ❌ ERROR: deadlock detected",
        "[2026-02-25 12:50:11] deadlock detected",
        "[2026-02-25 12:50:11,123: ERROR/MainProcess] deadlock detected",
        "2026-02-25 12:50:11,123 ERROR    deadlock detected",
        "[2026-02-25 12:50:11 +0200] [123] [ERROR] deadlock detected",
        "2026-02-25T10:50:11Z ERR deadlock detected",
        "2026-02-25 12:50:11.123 EET [123] erp@crm_system ERROR:  deadlock detected",
        "2026-02-25 10:50:11.123 UTC [123] ERROR:  deadlock detected",
        "2026-02-25 12:50:11.123 EET [123] WARNING C-0x55: db/erp@127.0.0.1:6432 deadlock detected",
        "2026-02-25T12:50:11+02:00 - FAIL - deadlock detected",
        "123:M 25 Feb 2026 12:50:11.123 # deadlock detected",
        f"@{NOON} ERROR deadlock detected",
    ],
)
def test_every_form_of_line_has_its_time(line: str) -> None:
    tally = scanned(line + "\n")
    assert counts(tally) == {"DB-DEADLOCK": (1, 1)}
    assert tally.groups["DB-DEADLOCK"].first == NOON


@pytest.mark.parametrize(
    "line",
    [
        "[2026-02-25 12:50:11] INFO - deadlock detected",
        "[2026-02-25 12:50:11,123: INFO/MainProcess] deadlock detected",
        "2026-02-25T10:50:11Z INF deadlock detected",
        "2026-02-25 12:50:11.123 EET [123] erp@crm_system STATEMENT:  SELECT 'deadlock detected'",
        "2026-02-25 12:50:11.123 EET [123] LOG:  checkpoint complete: deadlock detected",
        "2026-02-25 12:50:11.123 EET [123] LOG C-0x55: db/erp@[::1]:6432 closing because: deadlock detected",
        "2026-02-25T12:50:11+02:00 - OK - deadlock detected",
        '127.0.0.1:4711 - - [25/Feb/2026:12:50:11] "GET /deadlock detected" 404 12',
        "    deadlock detected",
    ],
)
def test_what_nobody_needs_is_not_counted(line: str) -> None:
    assert counts(scanned(line + "\n")) == {}


def test_a_request_that_failed_is_told_by_its_status() -> None:
    tally = scanned('None - - [25/Feb/2026:12:50:11] "POST /orders/create/?x=1" 502 145\n' * 3)
    assert counts(tally) == {"HTTP-5XX": (3, 3)}
    assert tally.variants(tally.groups["HTTP-5XX"]) == {"502": 3}
    assert tally.groups["HTTP-5XX"].sample == b"HTTP 502 POST /orders/create/"


TRACEBACK = """Traceback (most recent call last):
  File "/srv/erp/current/app/a/views.py", line 3, in one
    two()
  File "/usr/lib/python3.11/json/decoder.py", line 9, in two
    raise
ValueError: no {0}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/erp/current/app/a/views.py", line 5, in one
    three()
KeyError: {0}
"""


def test_chained_tracebacks_are_one_event() -> None:
    text = "".join(f"[2026-02-25 12:50:11] ERROR - it failed\n{TRACEBACK.format(n)}" for n in range(5))
    assert counts(scanned(text)) == {"KeyError a/views.py:one": (5, 5)}


def test_the_sample_of_a_long_traceback_has_what_it_ends_with() -> None:
    frames = "".join(
        f'  File "/srv/erp/current/app/a/views.py", line {n}, in deep\n    deeper({n})\n' for n in range(200)
    )
    end = 'connection to server at "127.0.0.1", port 6432 failed: Connection refused'
    tally = scanned(
        "2026-02-25 12:50:11,000 ERROR Internal Server Error: /orders/create/\n"
        f"Traceback (most recent call last):\n{frames}django.db.utils.OperationalError: {end}\n"
    )
    (group,) = tally.groups.values()
    lines = group.sample.decode().rstrip().split("\n")
    assert "Internal Server Error: /orders/create/" in lines[0]
    assert lines[-1] == f"django.db.utils.OperationalError: {end}"
    assert "…" in lines and len(group.sample) < 5000


def test_a_traceback_without_a_time_has_that_of_the_line_before() -> None:
    tally = scanned("[2026-02-25 12:50:11] INFO - all is well\n" + TRACEBACK.format(1) + "good bye\n")
    assert counts(tally) == {"KeyError a/views.py:one": (1, 1)}
    assert tally.groups["KeyError a/views.py:one"].first == NOON


@pytest.mark.parametrize("size", [1, 2, 7, 64, 333, 4096])
def test_it_does_not_matter_where_the_stream_is_cut(size: int) -> None:
    text = (
        "[2026-02-25 12:50:11] INFO - fine\n  and more\nerrors: none\n"
        + TRACEBACK.format(1)
        + "[2026-02-25 12:50:11] ERROR - Cloudflare sync failed: 500 - KV PUT failed: 429\n"
        + '127.0.0.1:1 - - [25/Feb/2026:12:50:11] "GET /" 500 1\n'
        + "❌ فشل إنشاء النسخة الاحتياطية\n"
        + "[2026-02-25 12:50:12] ERROR - it failed\n"
        + TRACEBACK.format(2)
        + "2026-02-25 12:50:11.123 EET [1] LOG:  server process (PID 3) was terminated by signal 9: Killed"
    )
    whole = counts(scanned(text))
    assert len(whole) == 5
    assert counts(scanned(text, size)) == whole


def test_a_line_without_an_end_takes_no_memory_and_hides_nothing() -> None:
    flood = b"[2026-02-25 12:50:11] ERROR - deadlock detected " + b"x" * (5 * LONGEST_RECORD)
    after = b"\n[2026-02-25 12:50:12] ERROR - deadlock detected\n"
    assert counts(scanned(flood + after, 1 << 16)) == {"DB-DEADLOCK": (2, 2)}
    assert counts(scanned(flood + after)) == {"DB-DEADLOCK": (2, 2)}


def test_text_that_is_no_utf_8_is_counted() -> None:
    assert counts(scanned(b"\xff\xfe\n[2026-02-25 12:50:11] ERROR - \xc3\x28 deadlock detected \xff")) == {
        "DB-DEADLOCK": (1, 1)
    }


@pytest.mark.parametrize("hole", [8, 300, 3 * LONGEST_RECORD])
def test_what_stands_behind_a_hole_that_a_power_cut_left_is_counted(hole: int) -> None:
    torn = b"[2026-02-25 12:50:09] INFO - torn" + b"\0" * hole + b"[2026-02-25 12:50:11] ERROR - no colour\n"
    tally = scanned(torn, 1 << 16)
    assert counts(tally) == {"no colour": (1, 1)}
    assert tally.groups["no colour"].first == NOON


def test_what_differs_in_numbers_only_is_one_kind_unless_a_signature_reads_them() -> None:
    refused = 'connection to server at "localhost" (::1), port {} failed: Connection refused'
    text = "".join(f"[2026-02-25 12:50:11] ERROR - {refused.format(port)}\n" for port in (6432, 5432, 6432, 5433))
    text += "".join(f"[2026-02-25 12:50:11] ERROR - order {number} is odd\n" for number in (1, 22, 333))
    assert counts(scanned(text)) == {"BUG-018": (2, 2), "DB-DOWN": (2, 2), "order * is odd": (3, 3)}


def test_clients_that_a_stopped_pool_took_with_it_are_told_by_postgresql() -> None:
    begin = "2026-02-25 12:50:11.123 EET [123] erp@crm_system LOG:  "
    ends = (
        "could not receive data from client: Connection reset by peer",
        "could not send data to client: Broken pipe",
    )
    assert counts(scanned("".join(f"{begin}{end}\n" for end in ends))) == {"DB-CLIENT-GONE": (2, 2)}


def test_the_hour_that_comes_twice_is_told_apart_by_the_order() -> None:
    """Summer time ends in Egypt on 29 October 2026, when 23:59:59 is followed by 23:00:00."""
    times = ("22:59", "23:10", "23:50", "23:05", "23:55")
    text = "".join(f"[2026-10-29 {time}:00] ERROR - deadlock detected\n" for time in times)
    tally = scanned(text)
    seen = [one.time for one in tally.moments(tally.groups["DB-DEADLOCK"])]
    assert [(second - first) // 60 for first, second in pairwise(seen)] == [11, 40, 15, 50]
    assert datetime.fromtimestamp(seen[0], UTC).hour == 19


def test_the_hour_that_comes_twice_is_told_apart_by_the_zones_name() -> None:
    for zone, hour in (("EEST", 20), ("EET", 21)):
        tally = scanned(f"2026-10-29 23:10:00.123 {zone} [1] ERROR:  deadlock detected\n")
        assert datetime.fromtimestamp(tally.groups["DB-DEADLOCK"].first, UTC).hour == hour


@pytest.mark.parametrize(
    "run", [b"a", b"a ", b"@", b"[", b" - ", b'"', b"2026-02-25 ", b"\n ", b"1.1.1.1 - - [", b"\xd8"]
)
def test_a_long_run_of_anything_is_read_quickly(run: bytes) -> None:
    """What an attacker sends ends in a log."""
    begun = time.process_time()
    for head in (
        b"",
        b"[2026-02-25 12:50:11] ERROR - ",
        b"2026-02-25 12:50:11.123 EET [1] ",
        b"[2026-02-25 12:50:11] ",
    ):
        scanned(head + run * (1_000_000 // len(run)) + b"\n")
    assert time.process_time() - begun < 4


@pytest.mark.parametrize("text", ["{} Failed with result", "{}.service", "{}.service: Failed with result"])
@pytest.mark.parametrize("run", ["a", "erp-backup: ", 'unique constraint "', "a.service: ", "X=", "KV PUT "])
def test_no_signature_takes_long_for_a_long_run_of_anything(run: str, text: str) -> None:
    begun = time.process_time()
    scanned("[2026-02-25 12:50:11] ERROR - " + text.format(run * (200_000 // len(run))) + "\n")
    assert time.process_time() - begun < 3
