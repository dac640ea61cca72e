# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the findings: the report of several hosts, its Markdown, the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from erp_ops.errors import OperatorError
from erp_ops.incidents import playbook
from erp_ops.incidents.cli import main
from erp_ops.incidents.examine_io import Period, examine
from erp_ops.incidents.journal_io import JournalRead
from erp_ops.incidents.json_form import as_data, result_from
from erp_ops.incidents.markdown import markdown
from erp_ops.incidents.model import CAME_BACK, NEW, OTHER, SIGNATURE, START, Happening, NotExamined, Result
from erp_ops.incidents.period import moment
from erp_ops.incidents.report import EXIT_CRITICAL, EXIT_OK, EXIT_UNKNOWN, combined
from erp_ops.incidents.settings import Settings, load_settings, make_settings
from erp_ops.incidents.words import WORDS

from tests import incident_logs as logs

BEGIN, END, RESTART = (int(moment.timestamp()) for moment in (logs.BEGIN, logs.END, logs.RESTART))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("logs")
    logs.write(made, noise=500)
    return made


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    given = Settings(files=[f"{folder}/*.log"], journal=False, timezone="Africa/Cairo")
    return examine(given, Period(BEGIN, END, RESTART), ("BUG-013",))


def settings_file(folder: Path, path: Path) -> Path:
    given = {"files": [f"{folder}/*.log"], "journal": False, "timezone": "Africa/Cairo"}
    path.write_text(json.dumps(given | {"state_directory": str(path.parent)}))
    return path


def test_words_are_there_in_both_languages() -> None:
    assert WORDS["en"].keys() == WORDS["ar"].keys()
    for word, english in WORDS["en"].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", WORDS["ar"][word])), word


def test_a_result_travels_as_plain_data(result: Result) -> None:
    assert result_from(json.loads(json.dumps(as_data(result)))) == result
    with pytest.raises(OperatorError, match="not of this version's form"):
        result_from({"host": "a"})


def test_the_same_failure_on_two_hosts_is_one_row(result: Result) -> None:
    other = replace(result, host="two", findings=tuple(replace(one, state=CAME_BACK) for one in result.findings[:1]))
    report = combined([result, other], END)
    row = report.rows[0]
    assert row.finding.key == "BUG-017"
    assert (row.finding.events, row.finding.after, row.finding.state) == (30, 18, CAME_BACK)
    assert row.hosts == (result.host, "two")


def test_of_very_many_kinds_the_least_urgent_are_one_finding(tmp_path: Path) -> None:
    words = [f"{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(300)]
    rows = [f"[2026-02-25 12:53:0{7 + n % 2}] ERROR - no {word}\n" for n, word in enumerate([*words, *words[:50]])]
    (tmp_path / "a.log").write_text("".join(rows))
    given = Settings(files=[f"{tmp_path}/a.log"], journal=False, timezone="Africa/Cairo")
    found = [one for one in examine(given, Period(BEGIN, 2_000_000_000, RESTART)).findings if one.kind != SIGNATURE]
    assert len(found) == 201
    assert {one.events for one in found[:50]} == {2}
    (others,) = [one for one in found if one.kind == OTHER]
    assert (others.events, others.before, others.after) == (100, 50, 50)


SANDBOX = (
    "erp-daphne.service: ProtectHostname=yes is configured, but UTS namespace setup is prohibited "
    "(container manager?), ignoring namespace setup.",
    "erp-beat.service: PrivateNetwork=yes is configured, but the kernel does not support or we lack privileges for "
    "network namespace, proceeding without.",
)


def test_noise_is_no_failure_and_the_report_says_how_much_of_it_there_was(tmp_path: Path) -> None:
    rows = [f"2026-02-25T12:53:{10 + number} WARNING {SANDBOX[number % 2]}\n" for number in range(6)]
    (tmp_path / "a.log").write_text("".join([*rows, "2026-02-24T12:53:10 WARNING " + SANDBOX[0] + "\n"]))
    given = Settings(files=[f"{tmp_path}/a.log"], journal=False, timezone="Africa/Cairo")
    quiet = examine(given, Period(int(datetime(2026, 2, 25).timestamp()), 2_000_000_000))
    assert not [one for one in quiet.findings if one.events]
    assert quiet.set_aside == {"SYSTEMD-SANDBOX": 6}
    assert quiet.sources[0].events == 0
    report = combined([quiet, quiet], END)
    assert report.status == EXIT_OK
    assert "Lines set aside as noise: 12 (`SYSTEMD-SANDBOX` 12)." in markdown(report, "en")
    assert "set aside" not in markdown(combined([replace(quiet, set_aside={})], END), "en")


def test_a_site_may_call_something_noise(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("[2026-02-25 12:53:07] ERROR - deadlock detected\n" * 2)
    own = {"id": "SITE", "title": "x", "pattern": "deadlock", "severity": "noise", "remedy": "", "fixed": True}
    given = Settings(files=[f"{tmp_path}/a.log"], journal=False, timezone="Africa/Cairo", signatures=[own])
    result = examine(given, Period(BEGIN, 2_000_000_000))
    assert ([one.key for one in result.findings if one.events], result.set_aside) == ([], {"SITE": 2})
    assert "SITE" not in {one.key for one in result.findings}


def test_the_status_is_for_a_schedule(result: Result) -> None:
    assert combined([result], END).status == EXIT_CRITICAL
    low = [one for one in result.findings if one.severity == "low"]
    assert combined([replace(result, findings=tuple(low))], END).status == EXIT_OK
    assert combined([replace(result, findings=(), sources=())], END).status == EXIT_UNKNOWN


DOWN = {"host": "erp1", "component": "pgBouncer (6432)", "state": "down", "since": "", "note": "refused"}


def test_a_service_that_is_down_needs_a_person_though_the_logs_say_nothing(result: Result) -> None:
    quiet = replace(result, findings=(), not_examined=())
    assert combined([quiet], END, [DOWN | {"state": "busy"}]).status == EXIT_OK
    assert combined([quiet], END, [DOWN]).status == EXIT_CRITICAL
    told = playbook.summary([as_data(quiet)], [DOWN], playbook.Missing())
    assert (told["status"], told["down"]) == (EXIT_CRITICAL, ["pgBouncer (6432) (erp1)"])
    assert told["sentence"]["en"] == "Somebody has to act now: a service is down. Down: pgBouncer (6432) (erp1)."
    text = playbook.text(
        [as_data(quiet)], form="markdown", language="ar", services=[DOWN], missing=playbook.Missing(), made_at=END
    )
    assert "**خدمات متوقفة: pgBouncer (6432) (erp1).**" in text


def test_what_could_not_be_looked_at_is_unknown_and_never_fine(result: Result) -> None:
    quiet = replace(result, findings=(), not_examined=(NotExamined("/l/*.log", "there is no such file", absent=True),))
    assert combined([quiet], END).status == EXIT_OK
    unread = replace(quiet, not_examined=(NotExamined("/l/a.log", "Permission denied"),))
    assert combined([unread], END).status == EXIT_UNKNOWN
    for missing in (playbook.Missing(["erp2"]), playbook.Missing([], ["erp1"])):
        assert playbook.summary([as_data(quiet)], [], missing)["status"] == EXIT_UNKNOWN
    # What is known to be wrong comes before what is not known.
    assert combined([replace(result, not_examined=unread.not_examined)], END).status == EXIT_CRITICAL


def test_a_zone_that_is_not_that_of_the_logs_is_told_and_not_taken_for_a_quiet_time(tmp_path: Path) -> None:
    """The program writes Cairo's time, and the report takes it for UTC's: what has just happened is still to come."""
    now = int(datetime.now(UTC).timestamp())
    local = datetime.now(ZoneInfo("Africa/Cairo")).strftime("%Y-%m-%d %H:%M:%S")
    (tmp_path / "a.log").write_text(f"[{local}] ERROR - deadlock detected\n" * 3)
    given = Settings(files=[f"{tmp_path}/a.log"], journal=False, timezone="UTC")
    wrong = examine(given, Period(now - 3600, now + 1))
    assert combined([wrong], now).status == EXIT_UNKNOWN
    (told,) = wrong.not_examined
    assert told.why.startswith("3 records bear a time that has not come yet")
    right = examine(replace(given, timezone="Africa/Cairo"), Period(now - 3600, now + 60))
    assert (right.not_examined, sum(one.events for one in right.findings)) == ((), 3)


def test_a_unit_that_starts_again_and_again_does_not_fill_the_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = [Happening(BEGIN + second, START, "erp-daphne.service") for second in range(0, 30_000, 5)]
    monkeypatch.setattr("erp_ops.incidents.examine_io.happenings_io.unit_starts", lambda *_: starts)
    monkeypatch.setattr("erp_ops.incidents.examine_io.journal_io.read", lambda *_: JournalRead(1))
    result = examine(Settings(files=[f"{folder}/errors.log"], timezone="Africa/Cairo"), Period(BEGIN, END))
    assert (result.restart, len(result.happenings)) == (BEGIN + 29_995, 1000)
    assert any("erp-daphne.service alone has started 6000 times" in one.why for one in result.not_examined)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_markdown_has_every_part(result: Result, language: str) -> None:
    services = [{"host": "erp", "component": "Daphne", "state": "down", "note": "no answer", "since": "-"}]
    happened = replace(result, happenings=(Happening(RESTART, START, "erp-daphne.service"),))
    text = markdown(combined([happened], END, services), language)
    words = WORDS[language]
    for part in ("holding", "findings", "timeline", "services", "priorities", "not_examined", "sources"):
        assert f"## {words[part]}\n" in text
    assert f"| `BUG-012` | {result_title(result, 'BUG-012', language)} | 2026-02-25 12:53:08 | 4 | 0 |" in text
    assert "2026-02-25 12:53:08 | " in text
    assert words["service_down"] in text
    assert "`PUT` 9" in text
    assert "\\u" not in text
    # Every row of a table has the cells of its heading.
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}) == 1


def result_title(result: Result, key: str, language: str) -> str:
    return next(one.title[language] for one in result.findings if one.key == key)


def test_starts_tell_how_soon_after_them_something_failed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BUG-018 began 12:50:11; a start at 12:50:09 puts its five events 2, 4, 6, 8 and 10 seconds after it."""
    start = Happening(RESTART - 179, START, "erp-daphne.service")
    monkeypatch.setattr("erp_ops.incidents.examine_io.happenings_io.unit_starts", lambda *_: [start])
    monkeypatch.setattr("erp_ops.incidents.examine_io.journal_io.read", lambda *_: JournalRead(0))
    given = Settings(files=[f"{folder}/service_error.log"], timezone="Africa/Cairo")
    result = examine(given, Period(BEGIN, END))
    found = next(one for one in result.findings if one.key == "BUG-018")
    assert found.after_start == {5: 2, 15: 3}
    assert (result.restart, found.before, found.after) == (start.time, 0, 5)


def test_the_command_remembers_what_it_has_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = str(settings_file(folder, tmp_path / "incidents.json"))
    period = ["--settings", settings, "--format", "json", "--restart", "2026-02-25 12:53:08"]
    assert main([*period, "--since", "2026-02-24", "--until", "2026-02-25"]) == EXIT_CRITICAL
    first = json.loads(capsys.readouterr().out)[0]["findings"]
    assert {one["key"]: one["state"] for one in first}["BUG-013"] == NEW
    assert main([*period, "--since", "2026-02-25", "--until", "2026-02-27"]) == EXIT_CRITICAL
    second = {one["key"]: one["state"] for one in json.loads(capsys.readouterr().out)[0]["findings"]}
    assert second["BUG-013"] == "recurring"
    assert second["BUG-018"] == NEW


def test_the_command_writes_a_file(folder: Path, tmp_path: Path) -> None:
    settings = str(settings_file(folder, tmp_path / "incidents.json"))
    output = tmp_path / "report.md"
    given = ["--settings", settings, "--since", "2026-02-24", "--until", "2026-02-27", "--output", str(output)]
    assert main([*given, "--language", "ar"]) == EXIT_CRITICAL
    assert output.read_text(encoding="utf-8").startswith("# تقرير الأعطال\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--since", "yesterday"], '"yesterday" is no time'),
        (["--since", "2026-02-25", "--until", "2026-02-24"], "the period is empty"),
    ],
)
def test_a_slip_of_the_hand_is_told(
    given: list[str], said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = str(settings_file(folder, tmp_path / "incidents.json"))
    assert main(["--settings", settings, "--language", "en", *given]) == EXIT_UNKNOWN
    assert said in capsys.readouterr().err


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for wrong in ({"files": "x"}, {"journal": "yes"}, {"colour": 1}, {"files": ["a.log"]}, {"language": "fr"}):
        with pytest.raises(ValueError, match=re.escape(next(iter(wrong)))):
            make_settings(wrong)
    with pytest.raises(OperatorError, match="cannot read the settings"):
        load_settings(str(tmp_path / "none.json"))


def test_signatures_of_a_site_that_are_wrong_are_named(folder: Path) -> None:
    given = Settings(files=[f"{folder}/*.log"], journal=False, signatures=[{"id": "X", "pattern": "("}])
    with pytest.raises(OperatorError, match="incident_report_signatures"):
        examine(given, Period(BEGIN, END))


def test_times_as_people_write_them() -> None:
    zone = logs.ZONE
    assert moment("3d", 1_000_000, zone) == 1_000_000 - 3 * 86400
    assert moment("2026-02-24", 0, zone) == BEGIN
    assert moment("2026-02-23T22:00Z", 0, zone) == BEGIN
    assert moment("2026-02-25 12:53:08", 0, zone) == RESTART


def test_the_command_runs_from_one_file(load_file: Callable[[str], ModuleType], folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "erp-incidents"
    load_file("action_plugins/erp_ops_program.py").build(str(program), "erp_ops.incidents.cli:main")
    settings = str(settings_file(folder, tmp_path / "incidents.json"))
    command = [
        sys.executable,
        "-I",
        str(program),
        "--settings",
        settings,
        "--since",
        "2026-02-24",
        "--until",
        "2026-02-27",
    ]
    told = subprocess.run([*command, "--language", "en"], cwd="/", capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (EXIT_CRITICAL, "")
    assert "| `BUG-018` | " in told.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"since": ""}, '"" is no time'),
        ({"files": ["logs/a.log"]}, "files must be whole paths, and 'logs/a.log' is not"),
    ],
)
def test_the_module_says_what_is_wrong_with_its_options(
    given: dict[str, object], said: str, load_file: Callable[[str], ModuleType]
) -> None:
    module = load_file("library/erp_incident_info.py")
    options = {"host": "a", "since": "1d", "until": "", "restart": "", "files": [], "journal": False, "timezone": "UTC"}
    # The module has the logic's classes under Ansible's name for them.
    with pytest.raises(Exception, match=re.escape(said)) as raised:
        module.run(options | given)
    assert type(raised.value).__name__ == OperatorError.__name__
