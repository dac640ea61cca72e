# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a person meets it: on a phone and on a screen, by keyboard, in both languages and colour schemes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erp_ops.sequences.html.page_io import SHOWN_ROWS

from tests.chromium import Browser
from tests.sequence_reports import history, one, result, source, the_erp

LANGUAGES = ("en", "ar")
SCHEMES = ("light", "dark")
PHONE, SCREEN = 360, 1280
PageOf = Callable[..., Path]

# Every element that reaches over an edge of the window, unless it is there for screen readers only.
OUTSIDE = """
[...document.querySelectorAll("body *")].filter(e => !e.closest(".visually-hidden, svg")).filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && (box.left < -0.5 || box.right > innerWidth + 0.5);
}).map(e => e.outerHTML.slice(0, 200))
"""
ORDER = """[...document.querySelectorAll("#sequences tbody tr:not([hidden]) th")].map(e => e.dataset.sort)"""
SORTED = """
[...document.querySelectorAll("#sequences thead th[aria-sort]")].map(e => e.innerText.trim() + " " + e.ariaSort)
"""
FOCUS = """(() => {
  const e = document.activeElement, shown = e.matches(".choice input") ? e.nextElementSibling : e;
  const style = getComputedStyle(shown);
  return {
    tag: e.tagName, id: e.id, name: e.name || "", value: e.value || "", text: e.textContent.trim(),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
  };
})()"""
# The contrast of each text in a drawing to the card that it is drawn on, by the formula of WCAG.
CONTRASTS = """
[...document.querySelectorAll("svg text")].map(e => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pair = [getComputedStyle(e).fill, getComputedStyle(e.closest("section")).backgroundColor].map(light).sort();
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
})
"""
AXE = 'axe.run({resultTypes: ["violations", "incomplete"]}).then(r => JSON.stringify(r))'


def everything(found: int = 20_000) -> Any:
    """A database with very many sequences, the last of which collide."""
    tables = [one(f"shop_table_{n:05}", n + 2, "behind" if n % 9_000 == 8_999 else "ok") for n in range(found)]
    return source(result(*tables))


def test_without_chromium_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        Browser(tmp_path)


@pytest.mark.parametrize("width", [PHONE, 768, SCREEN])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_reaches_over_the_edge(browser: Browser, page_of: PageOf, language: str, width: int) -> None:
    browser.open(page_of(language), width=width)
    browser.run('document.querySelectorAll("details").forEach(e => { e.open = true; })')
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run(OUTSIDE) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_nobody_for_anything_and_complains_of_nothing(
    browser: Browser, page_of: PageOf, language: str
) -> None:
    path = page_of(language)
    browser.open(path)
    browser.run('document.querySelector(".command button").click()')
    assert [url for url in browser.requests() if not url.startswith("data:")] == [path.as_uri()]
    assert browser.complaints() == []


def test_the_browser_would_have_noticed_a_request_and_a_complaint(
    browser: Browser, page_of: PageOf, tmp_path: Path
) -> None:
    """A page without the policy and with a picture from elsewhere: what the test before looks for can be found."""
    text = page_of("en").read_text(encoding="utf-8")
    spoilt = tmp_path / "spoilt.html"
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(text)
    picture = '<img alt="" src="http://127.0.0.1:9/picture.png"><script>console.error("x")</script>'
    spoilt.write_text(policy.sub("", text).replace("</main>", f"{picture}</main>"), encoding="utf-8")
    browser.open(spoilt)
    assert "http://127.0.0.1:9/picture.png" in browser.requests()
    assert any('"value": "x"' in complaint for complaint in browser.complaints())
    # With the policy the browser itself refuses both.
    spoilt.write_text(text.replace("</main>", f"{picture}</main>"), encoding="utf-8")
    browser.open(spoilt)
    assert not any('"value": "x"' in complaint for complaint in browser.complaints())
    assert sum("Content Security Policy" in complaint for complaint in browser.complaints()) == 2


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("language", "width"), [("en", PHONE), ("en", SCREEN), ("ar", PHONE), ("ar", SCREEN)])
def test_axe_finds_no_violation(  # noqa: PLR0917 - three fixtures and what it runs with
    browser: Browser, page_of: PageOf, axe: str, language: str, width: int, scheme: str
) -> None:
    browser.open(page_of(language), width=width, scheme=scheme)
    browser.run('document.querySelectorAll("details").forEach(e => { e.open = true; })')
    browser.run(axe + "; true")
    found = json.loads(browser.run(AXE))
    assert [(one["id"], node["html"][:200]) for one in found["violations"] for node in one["nodes"]] == []
    # Contrast that axe could not measure would be a hole in the line above. It measures none within a drawing.
    unsure = [
        node["html"][:200] for one in found["incomplete"] if one["id"] == "color-contrast" for node in one["nodes"]
    ]
    assert [html for html in unsure if not html.startswith("<text")] == []
    assert min(browser.run(CONTRASTS)) >= 4.5


def test_axe_would_have_found_low_contrast(browser: Browser, page_of: PageOf, axe: str) -> None:
    browser.open(page_of("en"))
    browser.run('document.querySelector(".soft").style.color = "#bbb"; ' + axe + "; true")
    assert "color-contrast" in [one["id"] for one in json.loads(browser.run(AXE))["violations"]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_switch_goes_against_the_system_and_back(browser: Browser, page_of: PageOf, scheme: str) -> None:
    browser.open(page_of("en"), scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"
    seen = {"auto": browser.run(background)}
    for choice in ("light", "dark", "auto"):
        browser.run(f'document.querySelector("input[name=theme][value={choice}]").click()')
        seen[choice] = browser.run(background)
    assert seen["light"] != seen["dark"]
    assert seen["auto"] == seen[scheme]
    browser.run("localStorage.clear()")


def tab_to(browser: Browser, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Press Tab until the focus is there; it must be seen at each step."""
    for _ in range(80):
        browser.press("Tab")
        focus: dict[str, Any] = browser.run(FOCUS)
        if focus["tag"] != "BODY":
            assert focus["outline"] >= 2, focus
        if wanted(focus):
            return focus
    raise AssertionError("Tab does not get there")


def test_sorting_by_keyboard(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("en"))
    assert browser.run(SORTED) == ["Status ascending"]
    tab_to(browser, lambda focus: focus["tag"] == "BUTTON" and focus["text"] == "Next ID")
    browser.press("Enter")
    assert browser.run(SORTED) == ["Next ID descending"]
    names = browser.run(ORDER)
    assert names[0] == "inventory_stockmovement_id_seq"
    # What has no next value stands last, both ways.
    assert sorted(names[-2:]) == ["accounts_code_id_seq", "complaints_attachment_id_seq"]
    browser.press("Space")
    assert browser.run(SORTED) == ["Next ID ascending"]
    names = browser.run(ORDER)
    assert names[0] == "legacy_numbers_id_seq"
    assert sorted(names[-2:]) == ["accounts_code_id_seq", "complaints_attachment_id_seq"]


def test_filtering_by_keyboard(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("en"))
    tab_to(browser, lambda focus: focus["id"] == "search")
    browser.write("ORDER id")
    assert sorted(browser.run(ORDER)) == [
        "manufacturing_order_id_seq",
        "orders_order_id_seq",
        "orders_orderitem_id_seq",
    ]
    assert browser.run('document.getElementById("matches").textContent') == "3 of 13 rows"
    tab_to(browser, lambda focus: focus["name"] == "severity" and focus["value"] == "critical")
    browser.press("Space")
    assert browser.run(ORDER) == ["manufacturing_order_id_seq"]
    tab_to(browser, lambda focus: focus["value"] == "warning")
    browser.press("Space")
    assert browser.run(ORDER) == []
    assert browser.run('getComputedStyle(document.getElementById("nothing")).display') != "none"


def test_sorting_and_filtering_on_a_phone(browser: Browser, page_of: PageOf) -> None:
    """There the table's rows are cards, and its headings still sort them; the roles of a table remain."""
    browser.open(page_of("ar"), width=PHONE)
    tab_to(browser, lambda focus: focus["id"] == "search")
    browser.write("المخزون")
    assert browser.run(ORDER) == ["المخزون_حركة_id_seq"]
    browser.run('document.getElementById("search").value = ""')
    tab_to(browser, lambda focus: focus["tag"] == "BUTTON" and focus["text"] == "المستهلك")
    browser.press("Enter")
    assert browser.run(SORTED) == ["المستهلك descending"]
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert {"table", "columnheader", "rowheader", "row", "cell"} <= set(roles)


def test_what_to_do_opens_by_keyboard(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("en"))
    tab_to(browser, lambda focus: focus["id"] == "search")
    tab_to(browser, lambda focus: focus["tag"] == "SUMMARY")
    browser.press("Enter")
    assert browser.run("document.activeElement.parentElement.open")
    advice = "document.activeElement.parentElement.querySelector('p').innerText"
    assert "Run erp-sequences fix" in browser.run(advice)


@pytest.mark.parametrize(("language", "direction", "start"), [("en", "ltr", "left"), ("ar", "rtl", "right")])
def test_the_page_runs_in_the_direction_of_its_language(
    browser: Browser, page_of: PageOf, language: str, direction: str, start: str
) -> None:
    browser.open(page_of(language))
    assert browser.run("[document.documentElement.lang, document.documentElement.dir]") == [language, direction]
    heading = browser.run('document.querySelector("h1").getBoundingClientRect().left')
    assert (heading < SCREEN / 3) == (start == "left")
    # The filled end of a bar is where reading begins.
    bar = browser.run(
        """(() => { const [all, used] = document.querySelectorAll("td.used .bar.warning rect");
        const a = all.getBoundingClientRect(), u = used.getBoundingClientRect();
        return [Math.round(u.left - a.left), Math.round(a.right - u.right)]; })()"""
    )
    assert (bar[0] == 0) == (start == "left")
    assert (bar[1] == 0) == (start == "right")
    # Digits below digits: right in both languages.
    assert browser.run('getComputedStyle(document.querySelector("td.end")).textAlign') == (
        "end" if start == "left" else "start"
    )


def test_names_and_numbers_are_isolated(browser: Browser, page_of: PageOf) -> None:
    """In the Arabic page, outside commands and charts, Latin letters stand in isolates that run to the right."""
    browser.open(page_of("ar"))
    loose = browser.run(
        r"""(() => {
        const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
        while (walk.nextNode()) {
          const parent = walk.currentNode.parentElement;
          if (parent.closest("bdi, code, svg, button, time, .visually-hidden, #matches")) continue;
          if (/[A-Za-z_]/.test(walk.currentNode.textContent)) found.push(walk.currentNode.textContent.trim());
        }
        return found; })()"""
    )
    assert loose == []
    directions = browser.run(
        '[...new Set([...document.querySelectorAll("bdi.name, bdi.number, time bdi")].map(e => e.dir))]'
    )
    assert directions == ["ltr"]
    assert browser.run('[...new Set([...document.querySelectorAll(".command")].map(e => e.dir))]') == ["ltr"]


def test_a_name_is_text_whatever_it_says(browser: Browser, page_of: PageOf) -> None:
    evil = "<script>alert(1)</script>"
    found = result(
        one(evil, 41, "behind", edge=50),
        one('"><img src=x onerror=alert(1)>', 41, "gap", edge=5),
        one("{{ 7 * 7 }}\u202e\x1b", 41, "unreadable"),
    )
    browser.open(page_of("en", source(found, history()), "evil"))
    assert browser.complaints() == []
    assert browser.run('document.querySelectorAll("img, main script").length') == 0
    text = browser.run('document.querySelector("main").innerText')
    assert f"{evil}_id_seq" in text
    assert r"{{ 7 * 7 }}\u202e\x1b_id_seq" in text


def test_twenty_thousand_sequences_make_a_page_that_says_what_it_leaves_out(browser: Browser, page_of: PageOf) -> None:
    path = page_of("en", everything(), "everything")
    assert path.stat().st_size < 2_000_000
    browser.open(path)
    names = browser.run(ORDER)
    assert len(names) == SHOWN_ROWS
    # The two that collide first, the one that has used more before the other; then those nearest to their limit.
    assert names[:2] == ["shop_table_17999_id_seq", "shop_table_08999_id_seq"]
    assert min(names[2:]) > "shop_table_18"
    said = browser.run('document.querySelector("section:has(#sequences)").innerText')
    assert f"{SHOWN_ROWS} of 20,000 sequences are on this page" in said
    assert "erp-sequences report --format json --output report.json" in said


def test_a_healthy_day_without_a_history_is_a_page_as_well(browser: Browser, page_of: PageOf) -> None:
    browser.open(page_of("en", source(result(one("orders_order", 41)), []), "healthy"), width=PHONE)
    text = browser.run('document.querySelector("main").innerText')
    assert "Nothing. Every sequence gives a free number." in text
    assert "There is no history yet" in text
    assert browser.complaints() == []


def test_an_old_page_says_so_and_a_new_one_does_not(browser: Browser, page_of: PageOf, tmp_path: Path) -> None:
    path = page_of("en")
    shown = 'getComputedStyle(document.querySelector(".stale")).display'
    browser.open(path)
    assert browser.run(shown) != "none"
    fresh = tmp_path / "fresh.html"
    made = re.compile(r'data-made="[^"]+"')
    now = browser.run("new Date().toISOString()")
    fresh.write_text(made.sub(f'data-made="{now}"', path.read_text(encoding="utf-8")), encoding="utf-8")
    browser.open(fresh)
    assert browser.run(shown) == "none"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_on_white_paper_without_its_tools(browser: Browser, page_of: PageOf, language: str) -> None:
    browser.open(page_of(language), scheme="dark")
    pdf = browser.printed()
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 6
    browser.media("dark", "print")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    hidden = browser.run(
        '[".tools", "header fieldset", ".command button"].map(e => getComputedStyle(document.querySelector(e)).display)'
    )
    assert hidden == ["none"] * 3
    advice = browser.run('document.querySelector("details p").getBoundingClientRect().height')
    assert advice > 0
    browser.media("light")


def test_pictures_for_people(browser: Browser, page_of: PageOf, repository: Path) -> None:
    """Into .cache/report-pictures, or where ERP_OPS_PICTURES says; nobody compares them but people."""
    folder = Path(os.environ.get("ERP_OPS_PICTURES", repository / ".cache/report-pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        for scheme in SCHEMES:
            for width in (PHONE, SCREEN):
                picture = folder / f"{language}-{width}-{scheme}.png"
                browser.open(page_of(language, source(the_erp())), width=width, scheme=scheme)
                browser.picture(picture)
                assert picture.read_bytes().startswith(b"\x89PNG")
