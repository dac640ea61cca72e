# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as Markdown, in the form of the one that the team wrote by hand (pure).

What came from a log is put where Markdown reads no markup in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from ..markdown import code, plain, table
from ..terminal import visible
from ..translation import text_in
from . import words
from .model import LOW, OTHER, SIGNATURE, Finding
from .report import Report, Row

# What a person reads of each; the JSON form has all.
_DETAILED, _LISTED, _INCIDENTS, _HAPPENINGS, _MISSING = 20, 40, 5, 60, 60


def markdown(report: Report, language: str) -> str:
    """The whole text."""
    return "\n".join(_Text(report, language).lines()) + "\n"


class _Text:
    def __init__(self, report: Report, language: str) -> None:
        self._report = report
        self._language = language
        self._say = partial(words.say, language)
        self._zone = timezone(timedelta(seconds=report.offset)) if report.offset else UTC

    def lines(self) -> Iterator[str]:
        say = self._say
        yield from self._head()
        yield from self._section("holding", self._holding())
        yield from self._section("findings", self._findings())
        yield from self._section("timeline", self._timeline())
        yield from self._section("services", self._services())
        yield from self._section("priorities", self._priorities())
        yield from self._section("not_examined", self._missing())
        yield from self._section("sources", self._sources())
        for host, seconds in self._report.coarse.items():
            yield say("coarse", host=plain(host), seconds=seconds)
            yield ""

    def _head(self) -> Iterator[str]:
        report, say = self._report, self._say
        zone = datetime.fromtimestamp(report.until, self._zone).strftime("%z") if report.offset else "UTC"
        yield f"# {say('title')}"
        yield ""
        yield f"**{say(report.verdict)}**"
        yield ""
        if report.down:
            yield f"**{say('services_down', named=self._listed(map(plain, report.down)))}**"
            yield ""
        span = say("from_to", since=self._time(report.since), until=self._time(report.until), zone=zone)
        yield f"- {say('period')}: {span}"
        yield f"- {say('hosts')}: {self._listed(map(code, report.hosts))}"
        for host, restart in report.restarts.items():
            told = say("restart_unknown") if restart is None else self._time(restart)
            yield f"- {say('restart')} ({code(host)}): {told}"
        yield f"- {say('made')}: {self._time(report.made_at)}"
        yield ""

    def _section(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        """Its heading, and what stands below it; a sentence where there is nothing."""
        yield f"## {self._say(name)}"
        yield ""
        empty = True
        for line in lines:
            empty = False
            yield line
        if empty:
            yield self._say(f"{name}_none")
            yield ""

    def _holding(self) -> Iterator[str]:
        rows = [
            (
                code(row.finding.key),
                self._title(row.finding),
                self._time(row.finding.fixed_at),
                f"{row.finding.before:,}",
                f"{row.finding.after:,}",
            )
            for row in self._report.holding
        ]
        if rows:
            yield from self._table(("id", "what", "fixed_since", "before", "after"), rows)

    def _findings(self) -> Iterator[str]:
        found = self._report.open
        if not found:
            return
        yield from self._table(
            ("id", "what", "severity", "state", "events", "lines", "incidents", "after"),
            [
                (
                    self._name(row.finding),
                    self._title(row.finding),
                    self._say(row.finding.severity),
                    self._say(row.finding.state),
                    f"{row.finding.events:,}",
                    f"{row.finding.lines:,}",
                    f"{row.finding.incidents_known:,}",
                    f"{row.finding.after:,}",
                )
                for row in found[: _DETAILED + _LISTED]
            ],
        )
        for row in found[:_DETAILED]:
            yield from self._detail(row)

    def _detail(self, row: Row) -> Iterator[str]:
        say, one = self._say, row.finding
        name = f"{one.key}: " if one.kind == SIGNATURE else ""
        yield f"### {plain(name)}{self._title(one)}"
        yield ""
        yield self._pair("severity", say(one.severity), "state", say(one.state))
        counted = say("counted", events=f"{one.events:,}", lines=f"{one.lines:,}", incidents=f"{one.incidents_known:,}")
        yield f"- {say('count')}: {counted}"
        if any(restart is not None for restart in self._report.restarts.values()):
            yield self._pair("before", f"{one.before:,}", "after", f"{one.after:,}")
        yield self._pair("first", self._time(one.first), "last", self._time(one.last))
        if one.variants:
            kinds = (f"{code(name)} {count:,}" for name, count in one.variants.items())
            yield f"- {say('variants')}: {self._listed(kinds)}"
        if one.undated:
            yield f"- {say('undated')}: {one.undated:,}"
        yield from self._when(one)
        if one.file:
            yield f"- {say('file')}: {code(one.file)}"
        yield f"- {say('where')}: {self._listed(map(code, [*row.hosts, *one.sources]))}"
        yield f"- {say('remedy')}: {self._remedy(one)}"
        yield ""
        if one.sample:
            yield from ("```text", *_fenced(one.sample), "```", "")

    def _when(self, one: Finding) -> Iterator[str]:
        if one.incidents_known and len(one.incidents) <= _INCIDENTS:
            for incident in one.incidents:
                first, last = self._time(incident.first), self._time(incident.last)
                told = self._say("span", first=first, last=last, events=incident.events, lines=incident.lines)
                yield f"- {self._say('incident_list')}: {told}"
        if one.after_start:
            bands = [self._say("band", seconds=seconds, events=count) for seconds, count in one.after_start.items()]
            yield f"- {self._say('after_start')}: {self._listed(bands)}"

    def _timeline(self) -> Iterator[str]:
        happenings = self._report.happenings
        if not happenings:
            return
        if len(happenings) > _HAPPENINGS:
            yield self._say("timeline_more", shown=_HAPPENINGS, total=len(happenings))
            yield ""
        yield from self._table(
            ("time", "host", "what", "source"),
            [
                (self._time(one.time), code(host), self._say(one.kind), code(one.what))
                for host, one in happenings[-_HAPPENINGS:]
            ],
        )

    def _services(self) -> Iterator[str]:
        rows = [
            (
                code(str(row["host"])),
                plain(str(row["component"])),
                self._say(f"service_{row['state']}"),
                plain(str(row["since"])),
                plain(str(row["note"])),
            )
            for row in self._report.services
        ]
        if rows:
            yield from self._table(("host", "component", "state", "since", "measured"), rows)

    def _priorities(self) -> Iterator[str]:
        urgent = [row.finding for row in self._report.open if row.finding.severity != LOW][:_DETAILED]
        for number, one in enumerate(urgent, start=1):
            file = f" ({code(one.file)})" if one.file else ""
            count = self._say("counted", events=one.events, lines=one.lines, incidents=one.incidents_known)
            what = self._say("comma").join((f"**{self._say(one.severity)}**", self._say(one.state)))
            name = f"{self._name(one)} " if one.kind == SIGNATURE else ""
            yield f"{number}. {what}: {name}{self._title(one)}{file}"
            yield f"   {count}"
            yield f"   {self._say('remedy')}: {self._remedy(one)}"
        if urgent:
            yield ""

    def _missing(self) -> Iterator[str]:
        rows = [
            (code(host), code(one.name), plain(text_in(self._language, one.why)))
            for host, one in self._report.not_examined[:_MISSING]
        ]
        if rows:
            yield from self._table(("host", "source", "why"), rows)

    def _sources(self) -> Iterator[str]:
        sources = self._report.sources
        size = sum(one.size for _, one in sources)
        yield self._say("sources_note", files=len(sources), size=f"{size / 1e6:,.1f} MB")
        yield ""
        aside = self._report.set_aside
        if aside:
            named = self._listed(f"{code(key)} {count:,}" for key, count in aside.items())
            yield self._say("set_aside", lines=f"{sum(aside.values()):,}", named=named)
            yield ""
        shown = sorted(sources, key=lambda one: (-one[1].events, one[0], one[1].name))[:_MISSING]
        if shown:
            yield from self._table(
                ("host", "source", "size", "events"),
                [(code(host), code(one.name), f"{one.size:,}", f"{one.events:,}") for host, one in shown],
            )

    def _pair(self, first: str, value: str, second: str, other: str) -> str:
        return f"- {self._say(first)}: {value}{self._say('semicolon')}{self._say(second)}: {other}"

    def _listed(self, items: Iterable[str]) -> str:
        return self._say("comma").join(items)

    def _table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        return table([self._say(word) for word in headings], rows)

    def _title(self, one: Finding) -> str:
        if one.kind == OTHER:
            return self._say("other")
        return plain(one.title[self._language])

    def _name(self, one: Finding) -> str:
        return code(one.key) if one.kind == SIGNATURE else "-"

    def _remedy(self, one: Finding) -> str:
        remedies: Mapping[str, str] = one.remedy
        return plain(remedies[self._language]) or self._say("no_remedy")

    def _time(self, time: int | None) -> str:
        return "-" if time is None else datetime.fromtimestamp(time, self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _fenced(sample: str) -> Iterator[str]:
    """Lines that cannot end the block that they stand in."""
    for line in sample.split("\n"):
        yield visible(line.replace("\t", "    ")).replace("```", "'''")
