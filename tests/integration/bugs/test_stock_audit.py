# SPDX-License-Identifier: GPL-3.0-or-later
"""The read-only stock audit of BUG-013: what it finds in the reference ERP, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.reference_erp import ReferenceErp
from tests.repository import REPOSITORY

SCRIPT = REPOSITORY / "roles" / "erp_service" / "files" / "stock_audit.py"

STOCK = """
from decimal import Decimal
from cutting.models import CuttingOrder, CuttingOrderItem
from customers.models import Customer
from inventory.models import Product, StockTransaction, Warehouse
from orders.models import Order, OrderItem

home = Warehouse.objects.create(name="المخزن الرئيسي", code="1000")
chemist = Warehouse.objects.create(name="الادويه", code="2000")
order = Order.objects.create(customer=Customer.objects.create(name="منى حسن"))
def product(number, name): return Product.objects.create(code=f"FAB-{number}", name=name)
def move(kind, product, warehouse, quantity):
    StockTransaction.objects.create(
        transaction_type=kind, product=product, warehouse=warehouse, quantity=Decimal(quantity))
def cut(product, warehouse, quantity, more=0):
    item = OrderItem.objects.create(order=order, product=product, quantity=quantity)
    CuttingOrderItem.objects.create(
        cutting_order=CuttingOrder.objects.create(order=order, warehouse=warehouse), order_item=item,
        additional_quantity=Decimal(more)).mark_as_completed("حسن")

velvet, linen, silk = product(1, "قطيفة كحلي"), product(2, 'كتان "بيج", خام'), product(3, "=حرير")
lace, dear = product(4, "دانتيل"), product(5, "جوخ")
move("in", velvet, home, 100)      # lies at home; cut twice from where it never was
cut(velvet, chemist, 4, more="0.5")
cut(velvet, chemist, 6)
for kind, quantity in (("in", 10), ("out", 4), ("out", 9)):
    move(kind, linen, home, quantity)  # overdrawn
for kind in ("in", "out"):
    move(kind, silk, home, 7)      # emptied
move("in", lace, home, 7)          # never withdrawn
cut(dear, home, 2)                 # received nowhere
cut(None, home, 2)                 # a service
CuttingOrderItem.objects.create(
    cutting_order=CuttingOrder.objects.create(order=order, warehouse=chemist), is_external=True, status="completed")
say(StockTransaction.objects.filter(transaction_type="out", product=velvet).count())
"""
COUNT = "from crm.tables import rows_by_table\nsay(rows_by_table())"


def rows(erp: ReferenceErp) -> list[dict[str, Any]]:
    """What the script prints, fed to ``manage.py shell`` as the role feeds it."""
    with SCRIPT.open() as script:
        process = erp.start("manage.py", "shell", stdin=script)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    (line,) = [line for line in out.splitlines() if line.startswith("STOCK_AUDIT ")]
    found: list[dict[str, Any]] = json.loads(line.removeprefix("STOCK_AUDIT "))
    return found


def short(row: dict[str, Any]) -> list[Any]:
    names = ("kind", "product_code", "warehouse_code", "balance", "withdrawals", "refused", "refused_quantity")
    return [row[name] for name in names]


def show(folder: Path, found: list[dict[str, Any]], language: str) -> tuple[str, list[list[str]]]:
    """The table and the CSV that the role makes of the rows."""
    (folder / "rows.json").write_text(
        json.dumps({"erp_service_stock_audit": found, "stock_audit_language": language}), encoding="utf-8"
    )
    templates = REPOSITORY / "roles" / "erp_service" / "templates"
    table, spreadsheet = (
        f"lookup('template', '{templates / name}')" for name in ("stock_audit.j2", "stock_audit.csv.j2")
    )
    copy = {"content": f"{{{{ {table} ~ '\f' ~ {spreadsheet} }}}}", "dest": str(folder / "shown")}
    words = ["-e", f"@{REPOSITORY / 'roles/erp_service/vars/main.yml'}", "-e", f"@{folder / 'rows.json'}"]
    subprocess.run(
        ["ansible", "localhost", "-m", "ansible.builtin.copy", "-a", json.dumps(copy), *words],
        env=os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg")},
        check=True,
        capture_output=True,
    )
    shown, text = (folder / "shown").read_text(encoding="utf-8").split("\f")
    assert text.startswith("\ufeff")
    return shown, list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_refused_and_booked_withdrawals_are_found_and_nothing_is_changed(make_erp_with_database: Any) -> None:
    unpatched, patched = make_erp_with_database(), make_erp_with_database("BUG-013")
    assert unpatched.tell(STOCK) == 0
    assert patched.tell(STOCK) == 2
    before = unpatched.tell(COUNT)

    found = rows(unpatched)
    overdrawn = ["overdrawn", "FAB-2", "1000", "-3.000", 2, 0, "0"]
    empty = ["empty", "FAB-3", "1000", "0.000", 1, 0, "0"]
    nowhere = ["never_received", "FAB-5", "1000", "0", 0, 1, "2.000"]
    refused = ["never_received", "FAB-1", "2000", "0", 0, 2, "10.500"]
    assert [short(row) for row in found] == [refused, nowhere, overdrawn, empty]
    assert found[0]["stocked_in"] == [{"warehouse": "المخزن الرئيسي", "balance": "100.000"}]
    assert unpatched.tell(COUNT) == before

    # Where the patch stands the withdrawals are booked, and found as such.
    booked = ["never_received", "FAB-1", "2000", "-10.500", 2, 0, "0"]
    assert [short(row) for row in rows(patched)] == [booked, nowhere, overdrawn, empty]


def test_it_cannot_write(make_erp_with_database: Any) -> None:
    erp = make_erp_with_database()
    writing = SCRIPT.read_text().replace(
        "    found = audit()\n", "    Warehouse.objects.create(name='x', code='x')\n    found = audit()\n"
    )
    assert "cannot execute INSERT in a read-only transaction" in erp.run("manage.py", "shell", "-c", writing).stderr


def test_table_and_csv_tell_it_in_both_languages(make_erp_with_database: Any, tmp_path: Path) -> None:
    erp = make_erp_with_database()
    erp.tell(STOCK)
    found = rows(erp)

    table, lines = show(tmp_path, found, "ar")
    assert table.splitlines()[0].split()[0] == "الملاحظة"
    assert " ".join(table.splitlines()[1].split()) == (
        "لم يُستلم قط الادويه 0 0 2 FAB-1 قطيفة كحلي المخزن الرئيسي: 100.000"
    )
    assert len(table.splitlines()) == len(lines) == 5
    assert lines[0][:3] == ["الملاحظة", "الكود", "المنتج"]
    assert {len(line) for line in lines} == {13}
    assert lines[3][2] == 'كتان "بيج", خام'
    assert lines[4][2] == "'=حرير"

    table, lines = show(tmp_path, [], "en")
    assert table.splitlines()[1:] == ["Nothing was withdrawn from a warehouse without stock."]
    assert lines[0][-1] == "In stock in"
