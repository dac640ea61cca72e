# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the report, each made once, and one Chromium for all tests."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from erp_ops.sequences.html.build import Source, build
from erp_ops.sequences.html.page_io import page

from tests.chromium import Browser
from tests.sequence_reports import source


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(prefix="erp-ops-chromium-", ignore_cleanup_errors=True) as folder:
        browser = Browser(Path(folder))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def axe(repository: Path) -> str:
    """axe-core's own code."""
    done = subprocess.run([repository / "setup/install-axe-core"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(done.stdout.strip()).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The file of a report's page: ``page_of(language, source)``, by default of the bad day."""
    folder = tmp_path_factory.mktemp("reports")
    made: dict[str, Path] = {}

    def make(language: str, of: Source | None = None, name: str = "bad-day") -> Path:
        path = folder / f"{name}-{language}.html"
        if path.name not in made:
            path.write_text(page(build(of or source(), language)), encoding="utf-8")
            made[path.name] = path
        return path

    return make
