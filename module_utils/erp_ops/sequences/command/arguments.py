# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``erp-sequences`` is asked to do (pure)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NoReturn

from ...errors import OperatorError
from ...language import LANGUAGES
from ...terminal import visible
from ..filters import Filter
from .settings import CONFIGURATION

PROGRAM = "erp-sequences"
CHECK, FIX, AUTO, MONITOR, INFO, RESET = "check", "fix", "auto", "monitor", "info", "reset"
FAILED = "failed"
REPORT = "report"
HTML, JSON, MARKDOWN = "html", "json", "markdown"
# Where the report goes when it goes into no file.
STDOUT = "-"
DEFAULT_INTERVAL_MINUTES = 60.0

_EXIT = "Exit status: 0 healthy, 1 warning, 2 critical, 3 unknown or not done; 130 after Ctrl-C."
_ACTIONS = {
    CHECK: "read every sequence and judge it; changes nothing",
    FIX: "raise every sequence that would collide; never lowers one without --force",
    AUTO: "check, repair where something would collide, check again",
    MONITOR: "one pass, or one each --interval minutes until it is stopped",
    INFO: "how many there are of each kind, and those nearest to their limit",
    RESET: "set the sequences of one table to the first free number, down or up",
    FAILED: "alert that a unit of systemd failed; for OnFailure=",
    REPORT: "check, and write a report that people open: the state, what to do first, growth, repairs",
}


@dataclass(frozen=True)
class Request:
    """The action and its options. ``interval``: minutes, None for one pass. ``language``: None for the locale's."""

    action: str
    settings: str = CONFIGURATION
    language: str | None = None
    json: bool = False
    verbose: bool = False
    app: tuple[str, ...] = ()
    table: tuple[str, ...] = ()
    show_all: bool = False
    export: str | None = None
    dry_run: bool = False
    force: bool = False
    check_only: bool = False
    log_file: str | None = None
    interval: float | None = None
    auto_fix: bool = False
    report_file: str | None = None
    detailed: bool = False
    confirm: bool = False
    email_alerts: bool = False
    unit: str = ""
    output: str | None = None
    format: str | None = None

    @property
    def wanted(self) -> Filter:
        return Filter(apps=self.app, tables=self.table)

    @property
    def plans_only(self) -> bool:
        """Whether it shows what would be changed, and changes nothing."""
        return self.dry_run or self.check_only or (self.action == RESET and not self.confirm)

    def command(self, action: str, *options: str) -> str:
        """The next command to type, for the same database."""
        settings = () if self.settings == CONFIGURATION else ("--settings", quoted(self.settings))
        return " ".join((PROGRAM, action, *options, *settings))

    def look(self) -> str:
        """The command that shows all of what this one showed, and changes nothing."""
        force = ("--force",) if self.force else ()
        if not self.plans_only:
            return self.command(INFO if self.action == INFO else CHECK, *self.filters(), "--verbose")
        if self.action == RESET:
            return self.command(RESET, quoted(self.table[0]), *force, "--verbose")
        plan = "--dry-run" if self.action == FIX else "--check-only"
        return self.command(self.action, *self.filters(), *force, plan, "--verbose")

    def filters(self) -> tuple[str, ...]:
        """This request's filters, for the next command."""
        apps = (option for name in self.app for option in ("--app", quoted(name)))
        return (*apps, *(option for name in self.table for option in ("--table", quoted(name))))


def quoted(name: str) -> str:
    """A name as bash wants it; as it is where it needs no quotes, capitals and Arabic among them."""
    if visible(name) != name:
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        return f"$'{visible(escaped)}'"
    safe = all(letter.isalnum() or letter in "_-./" for letter in name)
    return name if safe and name else "'" + name.replace("'", "'\\''") + "'"


class _Parser(argparse.ArgumentParser):
    """argparse ends with status 2, which would read as critical."""

    def error(self, message: str) -> NoReturn:
        raise OperatorError("cannot understand the arguments", message.rstrip("."), f"Look at: {self.prog} --help")


def parse(arguments: Sequence[str] | None) -> Request:
    """Raises OperatorError for what cannot be understood, SystemExit(0) after --help."""
    given = vars(_parser().parse_args(arguments))
    request = Request(**{name: _frozen(value) for name, value in given.items()})
    if request.action in {FIX, AUTO} and request.force and request.wanted == Filter():
        look = "--dry-run" if request.action == FIX else "--check-only"
        command = request.command(request.action, "--force", "--table", "TABLE", look)
        raise OperatorError(
            "cannot use --force",
            "no table or app is named, and it lowers sequences and follows outlying IDs, which uses them up for good",
            f"Name what is meant, and look first: {command}",
        )
    if request.json and request.output == STDOUT:
        raise OperatorError(
            f"cannot use --json with --output {STDOUT}",
            "the result and the report would stand in one text",
            "Leave --json out: --format json is the report as JSON",
        )
    return request


def given_language(arguments: Sequence[str]) -> str | None:
    """The language that was asked for, even where the rest of the arguments cannot be understood."""
    for option, value in zip_longest(arguments, arguments[1:], fillvalue=""):
        asked = option.partition("=")[2] if option.startswith("--language=") else value
        if option.partition("=")[0] == "--language" and asked in LANGUAGES:
            return asked
    return None


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Check and repair the sequences of this host's database.",
        epilog=_EXIT,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = {
        name: actions.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=_EXIT, allow_abbrev=False
        )
        for name, text in _ACTIONS.items()
    }
    for one in (parser, *add.values()):
        _shared(one)
    for name in (CHECK, FIX, AUTO, MONITOR, INFO):
        _filters(add[name])
    for name in (FIX, AUTO, MONITOR, RESET, FAILED):
        add[name].add_argument("--log-file", metavar="FILE", help="append a line for each operation here")
    for name in (FIX, AUTO, RESET):
        add[name].add_argument(
            "--force",
            action="store_true",
            help="also follow outlying IDs, and lower what is far ahead; wants --table or --app"
            if name != RESET
            else "also where hardly any numbers are left after it",
        )
    add[CHECK].add_argument("--show-all", action="store_true", help="healthy sequences and those left alone too")
    add[CHECK].add_argument("--export", metavar="FILE.json", help="write the whole result here as JSON")
    add[FIX].add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    add[AUTO].add_argument("--check-only", action="store_true", help="show what would be repaired, and change nothing")
    monitor = add[MONITOR]
    monitor.add_argument(
        "--interval",
        metavar="MINUTES",
        nargs="?",
        type=_minutes,
        const=DEFAULT_INTERVAL_MINUTES,
        help=f"a pass each so many minutes; {DEFAULT_INTERVAL_MINUTES:g} where no number is given",
    )
    monitor.add_argument("--auto-fix", action="store_true", help="repair what would collide")
    monitor.add_argument("--report-file", metavar="FILE", help="write each pass here as JSON")
    monitor.add_argument(
        "--email-alerts", action="store_true", help="alert by each channel of the settings: mail, webhook"
    )
    add[FAILED].add_argument("unit", metavar="UNIT", help="the unit's name, %%n of systemd")
    add[INFO].add_argument("--detailed", action="store_true", help="everything about each sequence")
    report = add[REPORT]
    report.add_argument(
        "--output", metavar="FILE", help=f"write it here, {STDOUT} for the terminal; by default beside the history"
    )
    report.add_argument(
        "--format", choices=(HTML, JSON, MARKDOWN), help=f"by default as the name of the file says, {HTML} otherwise"
    )
    add[RESET].add_argument("table", metavar="TABLE", nargs=1, help="table or schema.table")
    add[RESET].add_argument("--confirm", action="store_true", help="do it; without it, show what it would do")
    return parser


def _shared(parser: argparse.ArgumentParser) -> None:
    """Before the action and after it alike, so nothing is noted where nothing is given."""
    omitted = argparse.SUPPRESS
    parser.add_argument("--settings", metavar="FILE", default=omitted, help=f"default: {CONFIGURATION}")
    parser.add_argument("--language", choices=LANGUAGES, default=omitted, help="by default that of the locale")
    parser.add_argument("--json", action="store_true", default=omitted, help="print the result as JSON, nothing else")
    parser.add_argument("--verbose", action="store_true", default=omitted, help="every reason and what to do about it")


def _filters(parser: argparse.ArgumentParser) -> None:
    for option, metavar, text in (
        ("--app", "APP", "only tables of this Django app, by the prefix APP_"),
        ("--table", "TABLE", "only this table, or schema.table"),
    ):
        parser.add_argument(option, metavar=metavar, action="append", default=[], help=f"{text}; may be repeated")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number of minutes") from error
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError("it must be more than 0")
    return minutes
