# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference ERP still has the defects of the bug reports, at the lines that the patches' hunks name.

Whoever repairs one of them here by hand takes the ground from under its patch: the repair belongs into the patch.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CUTTING = "cutting/inventory_integration.py"
SIGNALS = "inventory/signals.py"
CLOUDFLARE = "public/cloudflare_sync.py"
SETTINGS = "crm/settings.py"

# file, line: what stands there, without the spaces around it.
LINES = [
    (CUTTING, 31, "try:"),
    (CUTTING, 32, "with transaction.atomic():"),
    (CUTTING, 35, "product = cutting_item.order_item.product"),
    (CUTTING, 36, "required_quantity = ("),
    (CUTTING, 37, "cutting_item.order_item.quantity + cutting_item.additional_quantity"),
    (CUTTING, 38, ")"),
    (CUTTING, 121, "product = cutting_item.order_item.product"),
    (CUTTING, 160, "for item in cutting_order.items.all():"),
    (CUTTING, 165, "product = item.order_item.product"),
    (CUTTING, 166, "required = item.order_item.quantity + item.additional_quantity"),
    (CUTTING, 301, 'f"المنتج: {cutting_item.order_item.product.name} "'),
    (CUTTING, 321, 'f"المنتج: {cutting_item.order_item.product.name} "'),
    (SIGNALS, 62, "logger.error("),
    (SIGNALS, 63, 'f"❌ محاولة سحب من مستودع فارغ! المنتج: {product.name} "'),
]


@pytest.fixture(scope="module")
def erp(repository: Path) -> Path:
    return repository / "tests" / "erp"


def method(path: Path, name: str) -> ast.FunctionDef:
    """The only function or method of this name in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    return found


@pytest.mark.parametrize(("file", "line", "text"), LINES, ids=[f"{file}:{line}" for file, line, _ in LINES])
def test_the_line_stands_where_the_patch_looks_for_it(erp: Path, file: str, line: int, text: str) -> None:
    assert (erp / file).read_text(encoding="utf-8").splitlines()[line - 1].strip() == text


def test_the_lines_of_the_deduction_are_indented_as_in_the_report(erp: Path) -> None:
    lines = (erp / CUTTING).read_text(encoding="utf-8").splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines[34:38]] == [16, 16, 20, 16]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("process_cutting_completion", (35, 38)),
        ("check_stock_availability", (165, 166)),
        ("_send_stock_shortage_notification", (301, 301)),
        ("_send_deduction_success_notification", (321, 321)),
    ],
)
def test_the_chain_is_read_in_the_method_that_the_report_names(erp: Path, name: str, numbers: tuple[int, int]) -> None:
    found = method(erp / CUTTING, name)
    assert found.end_lineno is not None
    assert found.lineno < numbers[0] <= numbers[1] <= found.end_lineno


def test_external_items_and_items_without_product_are_not_looked_at(erp: Path) -> None:
    """BUG-017: nothing asks whether there is an order_item or a product before they are used."""
    for name in (
        "process_cutting_completion",
        "check_stock_availability",
        "_send_stock_shortage_notification",
        "_send_deduction_success_notification",
    ):
        found = method(erp / CUTTING, name)
        asked = [ast.unparse(node.test) for node in ast.walk(found) if isinstance(node, ast.If | ast.IfExp)]
        assert not [test for test in asked if "order_item" in test or "product" in test or "external" in test], name
        assert "order_item.product" in ast.unparse(found), name


def test_the_withdrawal_from_an_empty_warehouse_is_deleted(erp: Path) -> None:
    """BUG-013: the first movement being a withdrawal, the row is lost."""
    handler = method(erp / SIGNALS, "stock_manager_handler")
    (guard,) = [
        node
        for node in ast.walk(handler)
        if isinstance(node, ast.If) and node.body and node.body[-1].lineno > 62 and node.lineno < 62
    ]
    assert [ast.unparse(statement).split("(")[0] for statement in guard.body[1:]] == [
        "logger.error",
        "instance.delete",
        "return",
    ]


def test_only_the_status_429_is_tried_again(erp: Path) -> None:
    """BUG-019: the Worker says 500 and holds the 429 in its text, which nothing reads."""
    send = method(erp / CLOUDFLARE, "_send_request")
    tests = [ast.unparse(node.test) for node in ast.walk(send) if isinstance(node, ast.If)]
    assert tests == [
        "not self.is_configured()",
        "response.status_code == 200",
        "response.status_code == 429 and attempt < MAX_RETRIES",
    ]
    source = (erp / CLOUDFLARE).read_text(encoding="utf-8")
    assert 'f"Cloudflare sync failed: {response.status_code} - {response.text}"' in source
    assert source.count("response.text") == 1
    assert "delay = 2 ** (attempt + 1)" in source
    assert "MAX_RETRIES = 4\n" in source
    assert '{"X-Sync-API-Key": self.api_key}' in source


def test_the_database_has_no_connect_timeout(erp: Path) -> None:
    """BUG-018: a connection to a server that does not answer waits for ever."""
    tree = ast.parse((erp / SETTINGS).read_text(encoding="utf-8"))
    (databases,) = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DATABASES"
    ]
    assert "'OPTIONS'" in ast.unparse(databases)
    assert "connect_timeout" not in (erp / SETTINGS).read_text(encoding="utf-8")
