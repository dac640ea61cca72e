# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as a page: escaped, self-contained, with all that the Markdown has."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from erp_ops.html import engine_io
from erp_ops.incidents import words
from erp_ops.incidents.forms import FORMS, HTML, rendered
from erp_ops.incidents.html import charts, page_io
from erp_ops.incidents.model import HOLDING, Finding, Result
from erp_ops.incidents.report import combined

from tests.incident_reports import END, RESTART, bad_days, quiet_day

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return bad_days(tmp_path_factory.mktemp("logs"))


def with_evil(one: Finding) -> Finding:
    texts = {"en": EVIL, "ar": EVIL}
    return replace(one, key=EVIL, title=texts, file=EVIL, remedy=texts, sample=EVIL, sources=(EVIL,))


def test_the_page_holds_every_value_escaped(result: Result) -> None:
    evil = replace(result, host=EVIL, findings=tuple(with_evil(one) for one in result.findings))
    page = page_io.page(combined([evil], END), "en")
    assert EVIL not in page
    assert page.count("<script>") == 1
    assert "&lt;script&gt;" in page


def test_the_page_says_how_much_was_set_aside(result: Result) -> None:
    said = "Lines set aside as noise:"
    page = page_io.page(combined([replace(result, set_aside={EVIL: 1200, "B": 3})], END), "en")
    (sentence,) = re.findall(rf"{said}(.*?)</p>", page)
    assert re.sub("<[^>]+>", "", sentence) == " 1,203 (&lt;script&gt;alert(1)&lt;/script&gt; 1,200, B 3)."
    assert said not in page_io.page(combined([result], END), "en")


def test_the_page_says_first_which_services_are_down(result: Result) -> None:
    row = {"host": EVIL, "component": "pgBouncer", "state": "down", "since": "", "note": EVIL}
    page = page_io.page(combined([replace(result, findings=())], END, [row]), "en")
    assert EVIL not in page
    said = re.sub("<[^>]+>", "", page[page.index('<div class="state critical">') :][:2000])
    assert "a service is down. Down: pgBouncer (&lt;script&gt;" in " ".join(said.split())


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_policy_names_just_its_own_style_and_script(result: Result, language: str) -> None:
    page = page_io.page(combined([result], END), language)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy.replace("&#39;", "'")
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_the_page_tells_the_table(result: Result) -> None:
    page = page_io.page(combined([result], END), "en")
    for one in result.findings:
        title = page_io._title("en", one)
        assert engine_io.environment("erp_ops.incidents.html").from_string("{{ t }}").render(t=title)[:20] in page
    assert re.search(r'data-sort="15"[^>]*><bdi class="number" dir="ltr">15</bdi>', page)  # BUG-017
    assert page.count('<line class="restart"') == 1


def test_bars_stand_where_it_happened(result: Result) -> None:
    report = combined([result], END)
    drawn = charts.histogram(report)
    assert drawn is not None
    assert drawn.events == sum(one.events for one in result.findings if one.state != HOLDING)
    assert drawn.step == charts.HOUR
    assert drawn.busiest == RESTART // 3600 * 3600  # BUG-018 began at 12:50
    # 36 hours and 53 minutes of 72.
    assert drawn.restarts == (round(charts.WIDTH * (36 + 53 / 60 + 8 / 3600) / 72, 1),)
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in drawn.bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= charts.HEIGHT - charts.ROOM_BELOW + 0.01 for bar in drawn.bars)


def test_a_long_period_is_drawn_by_days(result: Result) -> None:
    report = combined([replace(result, since=result.since - 30 * 86400)], END)
    drawn = charts.histogram(report)
    assert drawn is not None
    assert drawn.step == charts.DAY
    assert drawn.events == sum(one.events for one in result.findings if one.state != HOLDING)


def test_where_nothing_failed_the_page_says_so() -> None:
    report = combined([quiet_day()], END)
    assert charts.histogram(report) is None
    page = page_io.page(report, "en")
    assert words.say("en", "verdict_ok") in page
    assert "<svg class=" not in page


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_made(result: Result, form: str) -> None:
    text = rendered(combined([result], END), [result], form, "ar")
    assert ("<!DOCTYPE html>" in text) == (form == HTML)
    assert "BUG-017" in text


def test_every_word_is_said_somewhere() -> None:
    """Words that nothing shows any more are taken out."""
    folder = Path(words.__file__).parent
    files = [*folder.glob("*.py"), *(folder / "html").iterdir(), *Path(engine_io.__file__).parent.glob("*.j2")]
    used = "".join(path.read_text(encoding="utf-8") for path in files if path.is_file() and path.name != "words.py")
    by_name = {word for word in words.WORDS["en"] if f'"{word}"' in used or f"'{word}'" in used}
    made_up = re.compile(r"(verdict|theme|service)_\w+|\w+_none")
    assert sorted(word for word in words.WORDS["en"].keys() - by_name if not made_up.fullmatch(word)) == []
