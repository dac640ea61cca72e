# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-013: products that are cut from another warehouse than they lie in, before and after its patch."""

from __future__ import annotations

from typing import Any

STOCK = """
from decimal import Decimal
from cutting.models import CuttingOrder, CuttingOrderItem
from customers.models import Customer
from inventory.models import Product, StockAlert, StockTransaction, Warehouse
from orders.models import Order, OrderItem

home = Warehouse.objects.create(name="المخزن الرئيسي", code="1000")
main = Warehouse.objects.create(name="2000", code="2000")
chemist = Warehouse.objects.create(name="الادويه", code="3000")
velvet = Product.objects.create(code="FAB-1", name="قطيفة كحلي")
linen = Product.objects.create(code="FAB-2", name="كتان بيج")
nowhere = Product.objects.create(code="FAB-3", name="حرير أحمر")
def move(kind, product, warehouse, quantity):
    return StockTransaction.objects.create(
        transaction_type=kind, product=product, warehouse=warehouse, quantity=Decimal(quantity))
for product in (velvet, linen):
    move("in", product, home, 100)

order = Order.objects.create(customer=Customer.objects.create(name="منى حسن"))
def cut(product, quantity, warehouse=main):
    item = CuttingOrderItem.objects.create(
        cutting_order=CuttingOrder.objects.create(order=order, warehouse=warehouse),
        order_item=OrderItem.objects.create(order=order, product=product, quantity=quantity))
    item.mark_as_completed("حسن")
    item.refresh_from_db()
    return item.inventory_deducted
def alerts():
    return list(StockAlert.objects.order_by("pk").values_list("title", "message", "is_read"))
def rows(kind, warehouse):
    found = StockTransaction.objects.filter(transaction_type=kind, warehouse=warehouse).order_by("pk")
    return [f"{row.product.code} {row.quantity:f} {row.running_balance:f}" for row in found]
"""
CUTS = """
deducted = [cut(velvet, 4), cut(linen, 5), cut(velvet, 6), cut(linen, 7, chemist)]
say({"deducted": deducted, "rows": rows("out", main) + rows("out", chemist), "alerts": alerts()})
"""
ERROR = "❌ محاولة سحب من مستودع فارغ!"
SUCCESS, SHORTAGE, COLLECTED = "تم خصم المخزون", "نقص في المخزون", "سحب من مستودع لم يستلم المنتج"


def test_a_wrong_warehouse_is_an_error_for_each_line_before_and_told_once_after(make_erp_with_database: Any) -> None:
    before, after = make_erp_with_database(), make_erp_with_database("BUG-013")

    found = before.tell(STOCK + CUTS)
    assert found["deducted"] == [False] * 4
    assert found["rows"] == []
    assert [title for title, _, _ in found["alerts"]] == [SHORTAGE] * 4
    log = before.log()
    assert log.count(f"ERROR - {ERROR}") == 4
    assert f"ERROR - {ERROR} المنتج: قطيفة كحلي المستودع: 2000 الكمية: 4" in log

    repaired = after.tell(STOCK + CUTS)
    assert repaired["deducted"] == [True] * 4
    assert repaired["rows"] == [
        "FAB-1 4.000 -4.000",
        "FAB-2 5.000 -5.000",
        "FAB-1 6.000 -10.000",
        "FAB-2 7.000 -7.000",
    ]
    (collected,) = [message for title, message, _ in repaired["alerts"] if title == COLLECTED]
    assert collected.splitlines() == [
        "المنتج: كتان بيج المستودع: 2000 الكمية: 5.000 عدد الحركات: 1 الموجود في: المخزن الرئيسي",
        "المنتج: قطيفة كحلي المستودع: 2000 الكمية: 10.000 عدد الحركات: 2 الموجود في: المخزن الرئيسي",
        "المنتج: كتان بيج المستودع: الادويه الكمية: 7.000 عدد الحركات: 1 الموجود في: المخزن الرئيسي",
    ]
    assert sorted(title for title, _, _ in repaired["alerts"]) == sorted([SUCCESS] * 4 + [COLLECTED])
    assert "ERROR" not in after.log()


def test_a_product_that_lies_nowhere_is_refused_as_before(make_erp_with_database: Any) -> None:
    code = f'{STOCK}say([cut(nowhere, 3), rows("out", main), [title for title, _, _ in alerts()]])'
    for patches in ((), ("BUG-013",)):
        erp = make_erp_with_database(*patches)
        assert erp.tell(code) == [False, [], [SHORTAGE]]
        assert f"ERROR - {ERROR} المنتج: حرير أحمر المستودع: 2000 الكمية: 3" in erp.log()


def test_what_has_been_read_is_not_written_to_and_other_movements_are_as_before(make_erp_with_database: Any) -> None:
    code = f"""{STOCK}
cut(velvet, 4)
StockAlert.objects.update(is_read=True)
cut(velvet, 6)
collected = [
    [is_read, f"عدد الحركات: {{count}} " in message]
    for count, (title, message, is_read) in enumerate([one for one in alerts() if one[0] == {COLLECTED!r}], 1)
]
move("in", velvet, main, 50)
StockAlert.objects.all().delete()
move("out", velvet, main, 45)
cut(velvet, 2, home)
cut(velvet, 99, home)
say([collected, rows("out", main)[-1], rows("out", home), [title for title, _, _ in alerts()]])
"""
    assert make_erp_with_database("BUG-013").tell(code) == [
        [[True, True], [False, True]],
        "FAB-1 45.000 -5.000",
        ["FAB-1 2.000 98.000", "FAB-1 99.000 -1.000"],
        [SUCCESS, SHORTAGE, SUCCESS],
    ]
