# SPDX-License-Identifier: GPL-3.0-or-later
"""The example inventory's patches fit the real ERP too: they ask only for lines that the error report quotes.

Plain `git apply` is what applies them: no fuzz, and lines that have moved are found.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import REPOSITORY

ERP = REPOSITORY / "tests" / "erp"
PATCHES = REPOSITORY / "inventory" / "example" / "patches"
PATCHES_OF_THE_EXAMPLE = PATCHES.parent / "group_vars" / "application" / "patches.yml"
SERIES = ["BUG-017", "BUG-019", "BUG-013", "BUG-018"]

CUTTING = "cutting/inventory_integration.py"
PRODUCT_NAME = '                f"المنتج: {cutting_item.order_item.product.name} "'
# What the report and the facts about the ERP quote of each file; for the settings, what the reference ERP has.
QUOTED = {
    CUTTING: [
        "                product = cutting_item.order_item.product",
        "                required_quantity = (",
        "                    cutting_item.order_item.quantity + cutting_item.additional_quantity",
        "                )",
        "            product = cutting_item.order_item.product",
        "            product = item.order_item.product",
        "            required = item.order_item.quantity + item.additional_quantity",
        PRODUCT_NAME,
        PRODUCT_NAME,
    ],
    "public/cloudflare_sync.py": ["class CloudflareSync:", "    def _send_request(self, data):"],
    "inventory/signals.py": ["def stock_manager_handler(sender, instance, created, **kwargs):"],
    "crm/settings.py": ['        "OPTIONS": {', '            "application_name": "crm",'],
}
FILE_OF = {
    "BUG-017": CUTTING,
    "BUG-019": "public/cloudflare_sync.py",
    "BUG-013": "inventory/signals.py",
    "BUG-018": "crm/settings.py",
}


def patch_file(bug: str) -> Path:
    return PATCHES / f"{bug}.patch"


def git_apply(root: Path, bug: str, *options: str) -> None:
    # No repository around it may lend git a root of its own.
    environment = {"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(root.parent), "HOME": str(root)}
    ended = subprocess.run(
        ["git", "apply", *options, str(patch_file(bug))],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def insertions(bug: str, file: str) -> list[tuple[list[str], str]]:
    """Of each hunk of an existing file: the inserted lines, and the line above which they belong."""
    section = patch_file(bug).read_text(encoding="utf-8").split(f"+++ b/{file}\n")[1].split("\ndiff --git")[0]
    found = []
    for hunk in re.split(r"^@@ .* @@\n", section, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines()
        last = max(number for number, line in enumerate(lines) if line.startswith("+"))
        found.append(([line[1:] for line in lines if line.startswith("+")], lines[last + 1][1:]))
    return found


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ERP, tmp_path / "tests" / "erp"))


@pytest.mark.parametrize("bug", SERIES)
def test_nothing_is_asked_for_but_quoted_lines(bug: str) -> None:
    asked = [
        line[1:]
        for line in patch_file(bug).read_text(encoding="utf-8").splitlines()
        if line.startswith((" ", "-")) and not line.startswith("---")
    ]
    assert sorted(asked) == sorted(QUOTED[FILE_OF[bug]])


@pytest.mark.parametrize("bug", SERIES)
@pytest.mark.parametrize("foreign", [0, 7, 40])
def test_the_lines_may_have_moved(erp: Path, bug: str, foreign: int) -> None:
    file = erp / FILE_OF[bug]
    moved = "".join(f"# {number}\n" for number in range(foreign)) + file.read_text(encoding="utf-8")
    file.write_text(moved, encoding="utf-8")
    git_apply(erp, bug)
    lines = file.read_text(encoding="utf-8").splitlines()
    for inserted, above in insertions(bug, FILE_OF[bug]):
        places = [number for number in range(len(lines)) if lines[number : number + len(inserted)] == inserted]
        assert places
        assert {lines[number + len(inserted)] for number in places} == {above}
    compile(file.read_text(encoding="utf-8"), str(file), "exec")
    git_apply(erp, bug, "--reverse")
    assert file.read_text(encoding="utf-8") == moved


@pytest.mark.parametrize("bug", SERIES)
@pytest.mark.parametrize("between", [3, 90])
def test_a_file_that_shares_only_the_quoted_lines_is_enough(tmp_path: Path, bug: str, between: int) -> None:
    file = tmp_path / "erp" / FILE_OF[bug]
    file.parent.mkdir(parents=True)
    quoted = list(QUOTED[FILE_OF[bug]])
    # Quoted lines that follow each other in the report stay together.
    together = {1, 2, 3, 6} if bug == "BUG-017" else {1} if bug == "BUG-018" else set()
    text = ""
    for number, line in enumerate(quoted):
        text += "" if number in together else "".join(f"    # {number} {other}\n" for other in range(between))
        text += f"{line}\n"
    file.write_text(f"{text}# the end\n", encoding="utf-8")
    git_apply(tmp_path / "erp", bug)
    patched = file.read_text(encoding="utf-8")
    for inserted, above in insertions(bug, FILE_OF[bug]):
        assert "\n".join([*inserted, above]) in patched


def test_the_two_lines_that_are_the_same_are_both_patched(erp: Path) -> None:
    """301 and 321 are one line written twice, and their hunks insert the same: whichever hunk finds which is all one.

    git never lets two hunks of a patch take one line.
    """
    file = erp / CUTTING
    text = file.read_text(encoding="utf-8")
    # The notifications before everything else: each hunk has the other's line nearer than its own.
    start = text.index("    @staticmethod\n    def _send_stock_shortage_notification")
    end = text.index("def complete_inventory_deduction")
    moved = text.replace(text[start:end], "").replace(
        "class InventoryIntegrationService:\n", f"class InventoryIntegrationService:\n{text[start:end]}"
    )
    file.write_text(moved, encoding="utf-8")
    git_apply(erp, "BUG-017")
    patched = file.read_text(encoding="utf-8")
    (inserted,) = {"\n".join(lines) for lines, above in insertions("BUG-017", CUTTING) if above == PRODUCT_NAME}
    assert patched.count(f"{inserted}\n{PRODUCT_NAME}\n") == patched.count(PRODUCT_NAME) == 2


def test_the_series_applies_in_its_order_and_leaves_clean_code(erp: Path) -> None:
    for bug in SERIES:
        git_apply(erp, bug)
    # The ERP's own settings for ruff stand on the toolkit's, two folders up.
    shutil.copy(REPOSITORY / "pyproject.toml", erp.parents[1])
    ended = subprocess.run(["ruff", "check", "--no-cache", "."], cwd=erp, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    added = ["public/cloudflare_outbox.py", "inventory/empty_warehouse.py"]
    ended = subprocess.run(
        ["ruff", "format", "--no-cache", "--diff", *added], cwd=erp, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    for bug in reversed(SERIES):
        git_apply(erp, bug, "--reverse")
    assert subprocess.run(["diff", "-r", str(ERP), str(erp)], capture_output=True, check=False).stdout == b""


def test_the_series_names_what_its_patches_touch() -> None:
    series: list[dict[str, Any]] = yaml.safe_load(PATCHES_OF_THE_EXAMPLE.read_text())["erp_service_patches"]
    assert [patch["id"] for patch in series] == SERIES
    for patch in series:
        path = patch["file"].replace("{{ site_patches }}", str(PATCHES))
        touched = re.findall(r"^\+\+\+ b/(.*)$", Path(path).read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(patch["files"]) == sorted(touched)
        assert patch["state"] == "present"
        assert patch["reason"]
        assert f"verify/{patch['id']}.py" in patch["verify"][-1]
