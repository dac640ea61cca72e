# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML, Markdown and JSON of one report: the same facts, and names that are text in each."""

from __future__ import annotations

import base64
import builtins
import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.html import direction, engine_io
from erp_ops.sequences.html import markdown as markdown_form
from erp_ops.sequences.html import page_io, text, words
from erp_ops.sequences.html.build import build
from erp_ops.sequences.html.json_form import as_json
from erp_ops.sequences.html.markdown import markdown
from erp_ops.sequences.model import SEVERITIES
from erp_ops.terminal import is_right_to_left, visible

from tests.sequence_reports import NOW, one, result, source, the_erp

EVIL = "<script>alert(1)</script>"


def evil(name: str) -> Any:
    return source(result(one(name, 41, "behind", edge=50)), [])


def test_the_page_holds_every_value_escaped() -> None:
    page = page_io.page(build(evil(EVIL), "en"))
    assert EVIL not in page
    # Its underscores are places to break a line.
    assert "&lt;script&gt;alert(1)&lt;/script&gt;_<wbr>id_<wbr>seq" in page
    assert page.count("<script>") == 1


def test_the_pages_policy_names_just_its_own_style_and_script() -> None:
    page = page_io.page(build(source(), "en"))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy.replace("&#39;", "'")
    assert policy.startswith("default-src &#39;none&#39;") or policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert not re.search(r"https?://", page)


def test_the_style_knows_no_left_and_right_but_in_what_runs_to_the_right_in_both_languages() -> None:
    style = engine_io.read("page.css")
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    assert rules
    physical = [
        selector.strip()
        for selector, body in rules
        if re.search(r"(margin|padding|border)-(left|right)\b|text-align: (left|right)|(?<![\w-])(left|right):", body)
    ]
    assert physical == [".command"]


def test_without_jinja2_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *given: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "jinja2":
            raise ImportError(name)
        return real(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    found = build(source(), "en")
    with pytest.raises(OperatorError, match="apt-get install python3-jinja2"):
        page_io.page(found)
    assert markdown(found)
    assert as_json(found)


def test_json_has_everything_with_names_as_they_are() -> None:
    found = build(evil("\u202eevil|`\n"), "ar")
    document = json.loads(as_json(found))
    assert document["rows"][0]["sequence"] == "\u202eevil|`\n_id_seq"
    assert document["made_at"] == NOW.isoformat()
    assert document["severity"] == "critical"
    whole = json.loads(as_json(build(source(), "en")))
    assert len(whole["rows"]) == the_erp()["summary"]["total"]
    assert whole["courses"][0]["exhausted_on"] == "2026-05-20"


@pytest.mark.parametrize("name", [EVIL, "a|b", "a`b", "[x](http://y)", "a\nb", "**a**"])
def test_a_name_is_text_in_markdown(name: str) -> None:
    said = markdown(build(evil(name), "en"))
    (row,) = [line for line in said.split("\n") if line.startswith("| critical")]
    # As many cells as headings, whatever the name holds: bars that are not escaped part them.
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]
    assert len(cells) == 11
    cell = cells[3]
    shown = visible(f"{name}_id_seq")
    if cell.startswith("`"):
        assert cell == f"`{shown}`"
        assert "`" not in shown
    else:
        assert re.sub(r"\\(.)", r"\1", cell) == shown
        assert not re.search(r"[<>\[\]*`|_]", re.sub(r"\\.", "", cell))


def test_markdown_says_what_it_leaves_out() -> None:
    many = result(*(one(f"t{n}", n + 2) for n in range(markdown_form.SHOWN_ROWS + 1)))
    said = markdown(build(source(many, []), "en"))
    assert f"{markdown_form.SHOWN_ROWS} of {markdown_form.SHOWN_ROWS + 1} sequences are on this page" in said
    assert "erp-sequences report --format json --output report.json" in said
    assert said.count("| healthy |") == markdown_form.SHOWN_ROWS


@pytest.mark.parametrize("language", ["en", "ar"])
def test_all_forms_tell_the_same(language: str) -> None:
    found = build(source(), language)
    page, told, document = page_io.page(found), markdown(found), as_json(found)
    for step in found.steps:
        for command in step.commands:
            assert command in told
            assert command in document
            assert command in re.sub(r"</?span[^>]*>", "", page)
    for row in found.rows:
        assert row.sequence in told
        assert row.sequence in page.replace("<wbr>", "")
    for moment in ("2026-05-20", "2026-02-14 11:05", "2026-02-06 14:05"):
        assert moment in told
        assert moment in page


def test_the_first_severity_of_the_bar_is_the_first_of_the_table_and_shares_fill_it() -> None:
    counts = dict.fromkeys((*SEVERITIES, "skipped"), 0) | {"total": 20_000, "critical": 1, "healthy": 19_999}
    bands = page_io._bands(counts)
    assert [band[0] for band in bands] == ["critical", "healthy"]
    # One in twenty thousand can still be seen.
    assert bands[0][2] > 0.9
    assert sum(width for _, _, width in bands) == pytest.approx(100, abs=0.01)


def test_both_languages_have_every_word_with_the_same_places() -> None:
    english, arabic = words.WORDS["en"], words.WORDS["ar"]
    assert english.keys() == arabic.keys()
    for word, said in english.items():
        assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", arabic[word])), word
        if re.sub(r"\{\w+\}|[: ]", "", said):
            assert is_right_to_left(arabic[word]), word
            assert not is_right_to_left(said), word


def test_every_word_is_said_somewhere() -> None:
    """Words that nothing shows any more are taken out."""
    used = "".join(
        path.read_text(encoding="utf-8")
        for module in (page_io, engine_io)
        for path in sorted(Path(module.__file__).parent.iterdir())
        if path.suffix in {".py", ".j2"} and path.name != "words.py"
    )
    by_name = {word for word in words.WORDS["en"] if f'"{word}"' in used or f"'{word}'" in used}
    made_up = re.compile(r"(state|meaning|theme|do)_\w+")
    assert sorted(word for word in words.WORDS["en"].keys() - by_name if not made_up.fullmatch(word)) == []


@pytest.mark.parametrize(
    ("number", "english", "arabic"),
    [
        (1, "1 day", "يوم واحد"),
        (2, "2 days", "يومين"),
        (3, "3 days", "3 أيام"),
        (10, "10 days", "10 أيام"),
        (11, "11 days", "11 يومًا"),
        (99, "99 days", "99 يومًا"),
        (100, "100 days", "100 يوم"),
        (102, "102 days", "102 يوم"),
        (103, "103 days", "103 أيام"),
        (145, "145 days", "145 يومًا"),
        (1_200, "1,200 days", "1,200 يوم"),
    ],
)
def test_days_are_counted_as_the_language_counts_them(number: int, english: str, arabic: str) -> None:
    assert words.counted("en", "days", number) == english
    assert words.counted("ar", "days", number) == arabic


@pytest.mark.parametrize(
    ("days", "english", "arabic"),
    [
        (0, "now", "الآن"),
        (1, "in 1 day", "بعد يوم واحد"),
        (730, "in 730 days", "بعد 730 يومًا"),
        (731, "in about 2 years", "بعد نحو سنتين"),
        (4_000, "in about 11 years", "بعد نحو 11 سنة"),
    ],
)
def test_how_far_a_day_is_away(days: int, english: str, arabic: str) -> None:
    today = date(2026, 2, 26)
    assert text.away("en", today, today + timedelta(days=days)) == english
    assert text.away("ar", today, today + timedelta(days=days)) == arabic


@pytest.mark.parametrize(
    ("rate", "said"), [(0.0, "0"), (0.04, "<0.1"), (3.44, "3.4"), (10.0, "10"), (2_310_000.4, "2,310,000")]
)
def test_rates_have_tenths_where_they_say_something(rate: float, said: str) -> None:
    assert text.rounded(rate) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(0.0, "0.0%"), (0.00001, "<0.1%"), (0.001, "0.1%"), (0.8439, "84.4%"), (1.0, "100.0%")],
)
def test_a_share_that_is_hardly_anything_is_not_nothing(ratio: float, said: str) -> None:
    assert text.percent(ratio) == said


@pytest.mark.parametrize(
    ("language", "said", "isolated"),
    [
        ("ar", "وسِّع العمود وتسلسله إلى bigint؛ انظر:", ["bigint"]),
        ("ar", "نفِّذ erp-sequences fix", ["erp-sequences fix"]),
        (
            "ar",
            "نفِّذ بصفتك المالك أو مستخدمًا خارقًا (superuser): GRANT SELECT ON public.t TO erp;",
            ["superuser", "GRANT SELECT ON public.t TO erp"],
        ),
        ("ar", "استُهلك 84.4% من الأرقام حتى 2147483647: وسِّع", ["84.4%", "2147483647"]),
        ("ar", "لها CREATE INDEX ON public.t (id) في وقت هادئ", ["CREATE INDEX ON public.t (id)"]),
        ("ar", "connection refused", ["connection refused"]),
        ("en", "the table public.المخزون_حركة is missing", ["المخزون_حركة"]),
        ("en", "nothing of it", []),
    ],
)
def test_what_runs_against_a_sentence_is_isolated(language: str, said: str, isolated: list[str]) -> None:
    pieces = list(direction.runs(said, language))
    assert "".join(piece for piece, _ in pieces) == said
    assert [piece for piece, against in pieces if against] == isolated
