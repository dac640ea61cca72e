# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of 26 February, written from logs that hold what the one by hand has found."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from erp_ops.incidents.examine_io import Period, examine
from erp_ops.incidents.model import CAME_BACK, HOLDING, NEW, RECURRING, TRACEBACK, Finding, Result
from erp_ops.incidents.settings import Settings
from erp_ops.incidents.shipped import SHIPPED

from tests import incident_logs as logs

PERIOD = Period(int(logs.BEGIN.timestamp()), int(logs.END.timestamp()), int(logs.RESTART.timestamp()))
KNOWN = ("BUG-013", "BUG-014")


def settings_for(folder: Path) -> Settings:
    return Settings(files=[f"{folder}/*.log"], journal=False, timezone="Africa/Cairo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("logs")
    logs.write(made)
    return made


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return examine(settings_for(folder), PERIOD, KNOWN)


def finding(result: Result, key: str) -> Finding:
    return next(one for one in result.findings if one.key == key)


@pytest.mark.parametrize(("key", "counts"), logs.TABLE.items())
def test_the_table_is_exact(result: Result, key: str, counts: tuple[int, int, int]) -> None:
    found = finding(result, key)
    assert (found.events, found.lines, found.after) == counts
    assert found.before == found.events - found.after


@pytest.mark.parametrize("key", [key for key in logs.TABLE if key != "BUG-014"])
def test_the_lines_are_those_that_a_search_of_one_file_finds(folder: Path, key: str) -> None:
    files = sorted(folder.glob("service_error.log*"), key=lambda path: path.stat().st_mtime)
    unpacked = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files]
    pattern = re.compile(next(one.pattern for one in SHIPPED if one.id == key).encode())
    assert sum(1 for line in b"".join(unpacked).split(b"\n") if pattern.search(line)) == logs.TABLE[key][1]


def test_refusals_are_one_incident(result: Result) -> None:
    found = finding(result, "BUG-018")
    assert found.incidents_known == 1
    (incident,) = found.incidents
    assert (incident.events, incident.lines) == (5, 20)
    assert incident.first == PERIOD.restart - 177  # 12:50:11


def test_variants_are_counted(result: Result) -> None:
    assert finding(result, "BUG-019").variants == logs.KV_VARIANTS


def test_states(result: Result) -> None:
    states = {one.key: one.state for one in result.findings}
    assert states["BUG-011"] == states["BUG-012"] == HOLDING
    assert states["BUG-013"] == states["BUG-014"] == RECURRING
    assert states["BUG-017"] == states["BUG-018"] == states["BUG-019"] == NEW


def test_a_fix_that_does_not_hold_came_back(folder: Path) -> None:
    earlier = Period(PERIOD.since, PERIOD.until, PERIOD.since + 3600)
    assert finding(examine(settings_for(folder), earlier), "BUG-011").state == CAME_BACK


def test_a_new_bug_appears_by_itself(result: Result) -> None:
    key, count = logs.UNKNOWN_BUG
    found = finding(result, key)
    assert (found.kind, found.events, found.after, found.state) == (TRACEBACK, count, count, NEW)
    assert found.file.startswith("orders/views.py, 14")


def test_nothing_else_is_reported(result: Result) -> None:
    others = {
        "TUNNEL-DOWN": 2,
        "DB-MONITOR": 1,
        "DJANGO-HOST": 4,
        "BACKUP-FAILED": 1,
        "C-*: crm_system/* pooler error: client_login_timeout (server down)": 3,
        logs.UNKNOWN_BUG[0]: logs.UNKNOWN_BUG[1],
        "تعذر إرسال رسالة إلى * هاتف * api_key=*": 3,
    }
    expected = {key: counts[0] for key, counts in logs.TABLE.items()} | others
    assert {one.key: one.events for one in result.findings} == expected


def test_secrets_and_persons_are_masked(result: Result) -> None:
    told = repr(result)
    for secret in (logs.SECRET, logs.MAIL, logs.PHONE, "123 4567"):
        assert secret not in told


def test_the_worst_comes_first(result: Result) -> None:
    order = [one.key for one in result.findings]
    assert order[:2] == ["BUG-017", "BACKUP-FAILED"]
    assert set(order[-2:]) == {"BUG-011", "BUG-012"}


def test_what_could_not_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "torn.log.1.gz").write_bytes((folder / "errors.log-20260225-1771970400.gz").read_bytes()[:300])
    given = Settings(files=[f"{tmp_path}/torn.log", f"{tmp_path}/none.log"], journal=False)
    told = {one.name: one.why for one in examine(given, PERIOD).not_examined}
    assert told[f"{tmp_path}/none.log"] == "there is no such file"
    assert "could be read" in told[f"{tmp_path}/torn.log.1.gz"]
