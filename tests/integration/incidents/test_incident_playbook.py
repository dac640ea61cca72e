# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook from logs to the report's files, by the real ``ansible-playbook``, on this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import incident_logs as logs
from tests import playbook_runs


def inventory(folder: Path, **variables: Any) -> Path:
    """One host, this machine, with the logs in ``folder``; it has none of the application's services."""
    path = folder / "hosts.yml"
    host = {
        **playbook_runs.HERE,
        "incident_report_files": [f"{folder}/logs/*.log"],
        "incident_report_journal": False,
        "incident_report_timezone": "Africa/Cairo",
        "incident_report_directory": str(folder / "reports"),
        "incident_report_state_directory": "",
        **variables,
    }
    groups = {"application": {"hosts": {"erp-one": None}}, "all": {"vars": host}}
    path.write_text(yaml.safe_dump(groups, allow_unicode=True), encoding="utf-8")
    return path


def play(path: Path, *arguments: str) -> playbook_runs.Ended:
    return playbook_runs.run("-i", str(path), "playbooks/incident-report.yml", *arguments, home=path.parent)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    logs.write(tmp_path / "logs", noise=500)
    return tmp_path


def test_the_report_is_written_in_every_form(folder: Path) -> None:
    path = inventory(folder, incident_report_signatures=[{
        "id": "SITE-1", "title": "No colour", "pattern": r"KeyError: 'c\d'", "severity": "low", "remedy": "Paint it",
    }])  # fmt: skip
    period = ["-e", "incident_report_since=2026-02-24", "-e", "incident_report_until=2026-02-27"]
    status, said = play(path, *period, "-e", '{"incident_report_restart": "2026-02-25 12:53:08"}')
    assert status == 2, said
    assert "Somebody has to act now: begin with the first of the priorities. BUG-017" in " ".join(said.split())
    by_ending = {one.name.split(".", 1)[1]: one.read_text(encoding="utf-8") for one in (folder / "reports").iterdir()}
    assert set(by_ending) == {"en.md", "ar.md", "en.html", "ar.html", "json"}
    (told,) = json.loads(by_ending["json"])
    assert told["host"] == "erp-one"
    counted = {one["key"]: (one["events"], one["lines"], one["after"]) for one in told["findings"]}
    assert {key: counted[key] for key in logs.TABLE} == logs.TABLE
    assert counted["SITE-1"] == (7, 7, 7)
    assert by_ending["en.md"].startswith("# Incident report\n")
    assert by_ending["ar.md"].startswith("# تقرير الأعطال\n")
    for text in by_ending.values():
        assert logs.MAIL not in text
        assert logs.SECRET not in text


def test_where_nothing_failed_and_the_services_could_not_be_measured_nobody_says_that_all_is_well(folder: Path) -> None:
    status, said = play(inventory(folder), "-e", "incident_report_since=2026-02-27")
    assert status == 2, said
    assert "What was read shows nothing, but not all could be read" in " ".join(said.split())
    (text,) = (one.read_text(encoding="utf-8") for one in (folder / "reports").glob("*.en.md"))
    assert "| `erp-one` | `*` | its services could not be measured |" in text
    # In the table of services they are unknown, with the reason, and not left out.
    assert re.search(r"^\| `erp-one` \| \\\* \| unknown \|.*/etc/erp/erp\.env", text, re.MULTILINE)
    (page,) = (one.read_text(encoding="utf-8") for one in (folder / "reports").glob("*.ar.html"))
    assert "غير معروفة" in page


def test_what_a_log_holds_is_no_template(folder: Path) -> None:
    line = "[2026-02-26 12:50:11] CRITICAL - {} of {{{{ 6 * 7 }}}} {{% raw %}} <script>alert(1)</script>\n"
    (folder / "logs" / "evil.log").write_text("".join(line.format(word) * 9 for word in ("colour", "shape")))
    period = ["-e", "incident_report_since=2026-02-26", "-e", "incident_report_until=2026-02-27"]
    status, said = play(inventory(folder), *period)
    assert status == 2, said
    by_ending = {one.name.split(".", 1)[1]: one.read_text(encoding="utf-8") for one in (folder / "reports").iterdir()}
    assert "shape of {{ 6 * 7 }} {% raw %} <script>alert(1)</script>" in by_ending["json"]
    assert "<script>alert(1)" not in by_ending["en.html"] + by_ending["ar.html"]
    assert "of 42" not in said + "".join(by_ending.values())
