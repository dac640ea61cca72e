# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures, normal forms, masks, tracebacks, counts."""

from __future__ import annotations

import re
from dataclasses import asdict
from time import process_time
from typing import Any

import pytest
from erp_ops.incidents import tally as counting
from erp_ops.incidents.classify import Kind, Seen
from erp_ops.incidents.judge import History, findings, serving_since
from erp_ops.incidents.masking import masked
from erp_ops.incidents.model import HIGH, LOW, MEDIUM, MESSAGE, OTHER
from erp_ops.incidents.needles import needles
from erp_ops.incidents.normal import normalised
from erp_ops.incidents.rotation import LogFile, belongs, in_order
from erp_ops.incidents.shipped import SHIPPED
from erp_ops.incidents.signatures import compiled, merged, signatures_from
from erp_ops.incidents.tally import Tally, incidents
from erp_ops.incidents.tracebacks import raised

OWN: dict[str, Any] = {"id": "X-1", "severity": "high", "pattern": "it broke", "title": "It broke", "remedy": "Mend it"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("deadlock detected", ("deadlock detected",)),
        ("one|another", ("one", "another")),
        ("a(?:bc|d)efgh", ("efgh",)),
        ("(?:no space|disk full) on (?P<variant>\\S+)", ("no space", "disk full")),
        ("colou?r", ("colo",)),
        ("ab+cd*e", ("ab",)),
        ("x{0,3}yes", ("yes",)),
        ("x{2,}y", ("x",)),
        ("[a-z]+\\.py", (".py",)),
        ("[]x]end", ("end",)),
        ("a|.*", ()),
        ("(?i)deadlock", ()),
        ("(?=x)deadlock", ("deadlock",)),
        ("(?<!not )dead(?!line)lock", ("dead",)),
        ("(?!a|b)", ()),
        ("\\d+", ()),
        ("(maybe)?\\d", ()),
    ],
)
def test_needles_are_in_every_match(pattern: str, expected: tuple[str, ...]) -> None:
    assert needles(pattern) == tuple(text.encode() for text in expected)


def test_every_shipped_signature_can_be_looked_for_quickly() -> None:
    for one in compiled(SHIPPED, SHIPPED):
        assert one.needles, one.signature.id
        assert min(map(len, one.needles)) >= 5, one.signature.id


def test_shipped_signatures_are_in_both_languages() -> None:
    for one in SHIPPED:
        for texts in (one.title, one.remedy):
            assert re.search("[\u0600-\u06ff]", texts["ar"]), one.id
            assert not re.search("[\u0600-\u06ff]", texts["en"]), one.id
            assert not texts["en"].endswith("."), one.id


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": ""}, "no id"),
        ({"pattern": "("}, "no regular expression"),
        ({"pattern": "x*"}, "everything matches"),
        ({"severity": "bad"}, "severity 'bad'"),
        ({"colour": "red"}, "has colour"),
        ({"title": {"fr": "Bonjour"}}, "or one for each"),
        ({"gap": "1"}, "gap is a whole number"),
    ],
)
def test_a_signature_that_is_wrong_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(said)):
        signatures_from([{**OWN, **change}])


def test_a_sites_own_signature_replaces_the_toolkits() -> None:
    own = signatures_from([{**OWN, "id": "DB-DEADLOCK"}])
    both = merged(own, SHIPPED)
    assert both[0].title == {"en": "It broke", "ar": "It broke"}
    assert [one.id for one in both].count("DB-DEADLOCK") == 1


def test_one_is_there_twice() -> None:
    with pytest.raises(ValueError, match="X-1 is there twice"):
        signatures_from([OWN, OWN])


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("Order 12 of 'قماش' failed after 3.5 s", "Order * of * failed after * s"),
        ("can't open /srv/erp/media/a b.pdf", "can't open * b.pdf"),
        ("no task 1b4e28ba-2fa1-11d2-883f-0016d3cca427 here", "no task * here"),
        ("C-0x55d0f0a1: crm/erp@127.0.0.1:5 closed", "C-*: crm/* closed"),
        ("first line 1\nsecond line", "first line *"),
    ],
)
def test_normal_forms(message: str, form: str) -> None:
    assert normalised(message) == form


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2 next", "password=*** next"),
        ('{"api_key": "abc def", "id": 5}', '{"api_key": ***, "id": 5}'),
        ("X-Sync-API-Key: 0123abcd", "X-Sync-API-Key: ***"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        ("postgres://erp:s3cret@localhost:6432/crm", "postgres://erp:***@localhost:6432/crm"),
        ("كلمة المرور: سر123 انتهى", "كلمة المرور: *** انتهى"),
        ("to hassan.ali@example.com now", "to ***@*** now"),
        ("to sales@shop.services now", "to ***@*** now"),
        ("erp-worker@main.service: Failed with result", "erp-worker@main.service: Failed with result"),
        ("هاتف 01001234567.", "هاتف ***."),
        ("call +20 100 123 4567 now", "call *** now"),
        ("call 02-27361234 now", "call *** now"),
        ("هاتف ٠١٠٠١٢٣٤٥٦٧ الآن", "هاتف *** الآن"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1", "jwt ***"),
        ("session 4f9d2c8b7a6e5f4d3c2b1a0f9e8d7c6b5a4f3e2d ended", "session *** ended"),
    ],
)
def test_secrets_and_personal_data_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


_RUNS = (
    "Key (",
    "COPY x, line 1: ",
    "://a:",
    "Failing row contains (",
    "/reset/",
    "[",
    '\\"',
    "pass=",
    "1_",
    "=a",
    "a.1@",
)


@pytest.mark.parametrize("run", ["a", "a-", "a@", "=", "@.", "eyJ", "0", "+1 ", "'", "token", "/a", "٠", "://", *_RUNS])
def test_a_long_run_of_anything_takes_no_time(run: str) -> None:
    """What an attacker sends ends in a log."""
    text = run * (6000 // len(run))
    begun = process_time()
    masked(text)
    normalised(text)
    assert process_time() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        "[2026-02-25 12:50:11] ERROR - order 1000234567 failed at 12:50:11.123",
        'File "/srv/erp/releases/20260224T010203Z-301ad868/app/cutting/inventory_integration.py", line 35',
        "port 6432 failed: Connection refused, 429 Too Many Requests",
        "InstallationArchive installations_installationarchive_pkey",
    ],
)
def test_what_a_person_needs_stays(text: str) -> None:
    assert masked(text) == text


def test_the_innermost_frame_of_the_application_is_named() -> None:
    text = b"""Traceback (most recent call last):
  File "/srv/erp/venv/lib/python3.11/site-packages/django/x.py", line 1, in inner
  File "/home/user/homeupdate/orders/views.py", line 12, in show
    raise
  File "/usr/lib/python3.11/json/x.py", line 2, in loads
json.decoder.JSONDecodeError: Expecting value: line 1
"""
    found = raised(text, (b"/home/user/homeupdate/",))
    assert found is not None
    assert (found.exception, found.file, found.line, found.function) == (
        "json.decoder.JSONDecodeError",
        "orders/views.py",
        12,
        "show",
    )
    assert raised(b"no traceback") is None


SEEN = Seen(Kind("k", MESSAGE, MEDIUM, ""), 2)


def test_of_a_second_the_file_that_saw_most_counts() -> None:
    tally = Tally(0, 1000, [500])
    for family, times in enumerate(([10, 10, 20, 500], [10, 499, 20, 20])):
        for time in times:
            tally.add(tally.family(str(family)), SEEN, time, b"")
    moments = tally.moments(tally.groups["k"])
    assert [(one.time, one.events, one.lines, one.interval) for one in moments] == [
        (10, 2, 4, 0),
        (20, 2, 4, 0),
        (499, 1, 2, 0),
        (500, 1, 2, 1),
    ]


def test_memory_stays_bounded_and_the_restart_still_parts_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_BUCKETS", 50)
    tally = Tally(0, 1 << 30, [7_777])
    for time in range(0, 20_000, 3):
        tally.add(0, SEEN, time, b"")
    moments = tally.moments(tally.groups["k"])
    assert tally.granularity == 3600
    assert len(moments) < 50
    assert sum(one.events for one in moments if one.interval == 0) == len(range(0, 7_777, 3))
    assert sum(one.events for one in moments) == len(range(0, 20_000, 3))


def test_a_flood_of_kinds_ends_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_GROUPS", 3)
    tally = Tally(0, 1000)
    for number in range(10):
        tally.add(0, Seen(Kind(f"k{number}", MESSAGE, MEDIUM, ""), 1), 5, b"")
    assert {key: tally.moments(group)[0].events for key, group in tally.groups.items()} == {
        "k0": 1,
        "k1": 1,
        "k2": 1,
        "*": 7,
    }


def test_a_flood_of_kinds_hides_no_severity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST_GROUPS", 3)
    tally = Tally(0, 1000)
    for number, severity in enumerate([LOW] * 5 + [HIGH] + [MEDIUM] * 3):
        tally.add(tally.family("a"), Seen(Kind(f"k{number}", MESSAGE, severity, "", said="x"), 1), 5, b"")
    found = findings(tally, (), History())
    assert (found[0].kind, found[0].severity, found[0].events) == (OTHER, HIGH, 6)


def test_a_pause_parts_incidents() -> None:
    tally = Tally(0, 10_000)
    for time in (10, 20, 321, 322):
        tally.add(0, SEEN, time, b"")
    found = list(incidents(tally.moments(tally.groups["k"]), 300))
    assert [(one.first, one.last, one.events) for one in found] == [(10, 20, 2), (321, 322, 2)]


def test_a_patch_serves_from_the_next_start_on() -> None:
    assert serving_since({"A": 100, "B": 300}, [50, 150, 250]) == {"A": 150, "B": 300}


def test_rotated_files_are_read_once_in_the_order_in_which_they_were_written() -> None:
    names = ["a.log", "a.log-20260226-17", "a.log-20260225-17.gz", "a.log-20260226-17.gz", "b.log.1", "b.log.2.zst"]
    files = [LogFile(f"/l/{name}", 1, float(-number), (1, number)) for number, name in enumerate(names)]
    assert [file.path for file in in_order([*files, files[0]])] == [
        "/l/a.log-20260225-17.gz",
        "/l/a.log-20260226-17",  # its packed twin is left out
        "/l/a.log",  # written to now, whatever its time
        "/l/b.log.2.zst",
        "/l/b.log.1",
    ]
    for name in ("a.log.1.gz", "a.log.2026-02-25", "a.log.2026-02-25_13", "a.log-20260225-1772016788.xz"):
        assert belongs(name, "*.log")
    assert not belongs("a.log.old", "*.log")


def test_the_toolkits_own_are_as_a_site_may_write_them() -> None:
    assert signatures_from([asdict(one) for one in SHIPPED]) == SHIPPED
