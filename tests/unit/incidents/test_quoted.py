# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report quotes of a log: keys, titles, variants, samples. None of it has a secret, all of it tells what was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from erp_ops.incidents import known_io
from erp_ops.incidents.examine_io import Period, examine, examined
from erp_ops.incidents.json_form import as_json
from erp_ops.incidents.model import NEW, RECURRING, Result
from erp_ops.incidents.report import combined
from erp_ops.incidents.settings import Settings

from tests import incident_logs as logs

BEGIN, END = int(logs.BEGIN.timestamp()), int(logs.END.timestamp())
HEAD = "[2026-02-25 12:50:11] ERROR - "
TOKEN = "Ab3dEfGhIjKlMnOpQrStUvWxYz0AbCdEfGhIjKlMnOpQr"
TRACE = 'Traceback (most recent call last):\n  File "/usr/lib/python3.11/x.py", line 1, in y\n'


def read(folder: Path, text: str, **more: object) -> Result:
    (folder / "a.log").write_text(text, encoding="utf-8")
    given = Settings(files=[f"{folder}/a.log"], journal=False, timezone="Africa/Cairo")
    return examine(Settings(**{**vars(given), **more}), Period(BEGIN, END))


@pytest.mark.parametrize(
    "message",
    [
        f"no session {TOKEN} here",
        f"it failed\n{TRACE}ValueError: no session {TOKEN}",
        f"mail to {logs.MAIL} with token={TOKEN}",
        f"it failed\n{TRACE}a.b.MailError: {logs.MAIL} {TOKEN}",
    ],
)
def test_neither_key_nor_title_has_letters_of_a_secret(tmp_path: Path, message: str) -> None:
    told = as_json([read(tmp_path, HEAD + message + "\n")])
    assert "*" in told
    for secret in (TOKEN, "dEfGhI", "hassan", "example"):
        assert secret not in told


def test_what_was_seen_before_is_known_again_though_its_key_is_masked(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    given = {"state_directory": str(tmp_path / "state")}
    first = read(tmp_path, f"{HEAD}customer password: {TOKEN}\n", **given)
    assert [one.state for one in first.findings if one.events] == [NEW]
    known_io.remember(given["state_directory"], first.findings)
    log = tmp_path / "a.log"
    log.write_text(f"[2026-02-26 12:50:11] ERROR - customer password: {TOKEN}\n", encoding="utf-8")
    settings = Settings(files=[str(log)], journal=False, timezone="Africa/Cairo", **given)
    second = examined(settings, Period(END - 86400, END))
    assert [one.state for one in second.findings if one.events] == [RECURRING]


def test_two_forms_that_differ_in_what_is_hidden_are_one_row_of_one_host(tmp_path: Path) -> None:
    result = read(
        tmp_path, f"{HEAD}password: apple is wrong\n{HEAD}password: pear is wrong\n{HEAD}password: fig is wrong\n"
    )
    (row,) = (row for row in combined([result], END).rows if row.finding.events)
    assert (row.finding.key, row.finding.events, row.hosts) == ("password: * is wrong", 3, (result.host,))


def test_variants_are_masked(tmp_path: Path) -> None:
    own = {"id": "OWN", "title": "x", "pattern": r"to (?P<variant>\S+)", "severity": "low", "remedy": ""}
    text = f"{HEAD}to {logs.MAIL}\n{HEAD}to other.person@example.com\n"
    (found,) = (one for one in read(tmp_path, text, signatures=[own]).findings if one.events)
    assert found.variants == {"***@***": 2}


@pytest.mark.parametrize("before", [1900, 2000, 2030, 2040, 2047, 2060, 6000, 7990])
def test_where_a_long_line_is_cut_no_secret_loses_its_name(tmp_path: Path, before: int) -> None:
    body = json.dumps({"x": "y " * (before // 2), "password": "hunter2 of hassan", "z": "w " * (4000 - before // 2)})
    (found,) = (one for one in read(tmp_path, f"{HEAD}refused {body}\n").findings if one.events)
    assert "hunter2" not in found.sample
    assert "hassan" not in found.sample
    assert found.sample.startswith("refused {")
    assert len(found.sample) < 5000


def test_a_long_last_line_keeps_its_beginning(tmp_path: Path) -> None:
    frames = '  File "/usr/lib/python3.11/x.py", line 1, in y\n' * 200
    text = f"{HEAD}it failed\nTraceback (most recent call last):\n{frames}"
    text += f"ValueError: this is what it was {'and more ' * 900}\n"
    (found,) = (one for one in read(tmp_path, text).findings if one.events)
    assert "\nValueError: this is what it was and more" in found.sample


def test_a_key_that_the_middle_of_a_sample_cuts_is_hidden_whole(tmp_path: Path) -> None:
    lines = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7/+a1MIIEvQIB"] * 100)
    pem = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    (found,) = (one for one in read(tmp_path, f"{HEAD}cannot load\n{pem}\n").findings if one.events)
    assert "MIIE" not in found.sample
