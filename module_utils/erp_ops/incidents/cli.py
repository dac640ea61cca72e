# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``erp-incidents`` on a host: one pass over its logs, one report, an exit status for a schedule (I/O).

Exit status: 0 nothing needs a person; 1 something should be looked at; 2 something is critical, or came back; 3 nothing
could be read, or the command could not run.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from .. import durable_io
from ..errors import OperatorError
from ..language import LANGUAGES, language_of
from ..standard_output_io import forget_output
from ..translation import error_text
from . import known_io
from .examine_io import Period, examined, zone_of
from .forms import FORMS, MARKDOWN, rendered
from .period import moment
from .report import EXIT_UNKNOWN, combined
from .settings import CONFIGURATION, load_settings

PROGRAM = "erp-incidents"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    given = _parser().parse_args(arguments)
    language = given.language or language_of(os.environ)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(given, language)
    except OperatorError as error:
        print(f"{PROGRAM}: {error_text(error, language)}", file=sys.stderr)
        return EXIT_UNKNOWN
    except BrokenPipeError:
        forget_output()
        return EXIT_UNKNOWN
    except Exception:  # Python's own status 1 would read as a finding
        traceback.print_exc()
        return EXIT_UNKNOWN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Report what this host's logs say of a period.",
    )
    parser.add_argument("--settings", default=CONFIGURATION, help=f"default: {CONFIGURATION}")
    parser.add_argument("--since", default="1d", help="when the period begins: 2026-02-24, 12h, 3d; default: 1d")
    parser.add_argument("--until", help="when it ends; default: now")
    parser.add_argument("--restart", help="the last restart, where the journal does not know it any more")
    parser.add_argument("--format", choices=FORMS, default=MARKDOWN)
    parser.add_argument("--language", choices=LANGUAGES, help="default: the locale's")
    parser.add_argument("--output", metavar="FILE", help="write the report there; default: the terminal")
    parser.add_argument(
        "--no-remember", action="store_true", help="the next report may call new what this one has found"
    )
    return parser


def _run(given: argparse.Namespace, language: str) -> int:
    settings = load_settings(given.settings)
    now = int(time.time())
    zone = zone_of(settings.timezone)
    since = moment(given.since, now, zone)
    until = moment(given.until, now, zone) if given.until else now
    restart = moment(given.restart, now, zone) if given.restart else None
    result = examined(settings, Period(since, until, restart))
    report = combined([result], now)
    text = rendered(report, [result], given.format, language)
    if given.output:
        _write(given.output, text)
    else:
        print(text, end="", flush=True)
    if not given.no_remember:
        known_io.remember(settings.state_directory, result.findings)
    return report.status


def _write(path: str, text: str) -> None:
    try:
        durable_io.write(Path(path), text)
    except OSError as error:
        raise OperatorError(
            "the report was not written", f"{path}: {error.strerror or error}", "Name a file that can be written"
        ) from error
