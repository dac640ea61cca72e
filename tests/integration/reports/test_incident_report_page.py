# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report's page as a person meets it: on a phone and on a screen, in both languages and colour schemes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from erp_ops.incidents.html.page_io import page
from erp_ops.incidents.report import combined

from tests.chromium import Browser
from tests.incident_reports import END, SERVICES, bad_days, quiet_day

LANGUAGES = ("en", "ar")
AXE = 'axe.run({resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))'
OUTSIDE = """
[...document.querySelectorAll("body *")].filter(e => !e.closest(".visually-hidden, svg, pre")).filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && (box.left < -0.5 || box.right > innerWidth + 0.5);
}).map(e => e.outerHTML.slice(0, 200))
"""
OPEN_ALL = 'document.querySelectorAll("details").forEach(e => { e.open = true; })'
SHOWN = '[...document.querySelectorAll("table[data-sortable] tbody tr:not([hidden]) th")].map(e => e.dataset.sort)'


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """By language and name: the bad days, and a quiet one."""
    folder = tmp_path_factory.mktemp("incidents")
    (folder / "logs").mkdir()
    reports = {"bad": combined([bad_days(folder / "logs")], END, SERVICES), "quiet": combined([quiet_day()], END)}
    made = {}
    for language in LANGUAGES:
        for name, report in reports.items():
            made[language, name] = folder / f"{name}-{language}.html"
            made[language, name].write_text(page(report, language), encoding="utf-8")
    return made


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_reaches_over_the_edge(
    browser: Browser, pages: dict[tuple[str, str], Path], language: str, width: int
) -> None:
    for name in ("bad", "quiet"):
        browser.open(pages[language, name], width=width)
        browser.run(OPEN_ALL)
        assert browser.run("document.documentElement.scrollWidth") == width
        assert browser.run(OUTSIDE) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_nobody_for_anything_and_complains_of_nothing(
    browser: Browser, pages: dict[tuple[str, str], Path], language: str
) -> None:
    for name in ("bad", "quiet"):
        path = pages[language, name]
        browser.open(path)
        assert [url for url in browser.requests() if not url.startswith("data:")] == [path.as_uri()]
        assert browser.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 360)])
def test_axe_finds_no_violation(  # noqa: PLR0917 - three fixtures and what it runs with
    browser: Browser, pages: dict[tuple[str, str], Path], axe: str, language: str, width: int, scheme: str
) -> None:
    browser.open(pages[language, "bad"], width=width, scheme=scheme)
    browser.run(OPEN_ALL)
    browser.run(axe + "; true")
    found = json.loads(browser.run(AXE))
    assert [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]] == []


def test_the_table_sorts_and_filters(browser: Browser, pages: dict[tuple[str, str], Path]) -> None:
    browser.open(pages["en", "bad"])
    assert browser.run(SHOWN)[0] == "BUG-017"
    browser.run('[...document.querySelectorAll("table[data-sortable] thead button")][3].click()')  # events
    assert browser.run(SHOWN)[0] == "BUG-013"
    browser.run('const box = document.getElementById("search"); box.value = "cloudflare_sync"; '
                'box.dispatchEvent(new Event("input"))')  # fmt: skip
    assert browser.run(SHOWN) == ["BUG-019"]
