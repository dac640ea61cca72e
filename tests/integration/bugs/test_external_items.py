# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-017: cutting items without an order item, or without a product, before and after its patch."""

from __future__ import annotations

from typing import Any

ORDER = """
from decimal import Decimal
from cutting.models import CuttingOrder, CuttingOrderItem
from customers.models import Customer
from inventory.models import Product, StockAlert, StockTransaction, Warehouse
from orders.models import Order, OrderItem
from cutting.inventory_integration import InventoryIntegrationService, check_cutting_stock_availability

warehouse = Warehouse.objects.create(name="المخزن الرئيسي", code="2000")
product = Product.objects.create(code="FAB-1", name="قطيفة كحلي")
StockTransaction.objects.create(product=product, warehouse=warehouse, transaction_type="in", quantity=100)
order = Order.objects.create(customer=Customer.objects.create(name="منى حسن"))
cutting_order = CuttingOrder.objects.create(order=order, warehouse=warehouse)
fabric = OrderItem.objects.create(order=order, product=product, quantity=4)
service = OrderItem.objects.create(order=order, description="تفصيل", quantity=1)
def item(**fields): return CuttingOrderItem.objects.create(cutting_order=cutting_order, **fields)
normal, external = item(order_item=fabric, additional_quantity=1), item(is_external=True)
without_product, orphan = item(order_item=service), item()
"""
COMPLETE = """
for one in (external, without_product, orphan, normal):
    one.mark_as_completed("حسن")
    one.refresh_from_db()
say({
    "pk": [external.pk, without_product.pk, orphan.pk],
    "status": [external.status, without_product.status, orphan.status],
    "deducted": [one.inventory_deducted for one in (external, without_product, orphan, normal)],
    "balance": InventoryIntegrationService.current_stock(product, warehouse),
})
"""
# The places that BUG-017 names outside of the deduction, each for items without and with a product.
OTHER_PLACES = """
def messages(notify):
    StockAlert.objects.all().delete()
    for one in (external, without_product, normal):
        notify(one)
    return list(StockAlert.objects.order_by("pk").values_list("message", flat=True))

def reverse():
    external.inventory_deducted = True
    StockTransaction.objects.create(product=product, warehouse=warehouse, transaction_type="out", quantity=3,
                                    reference=InventoryIntegrationService.reference(external))
    return InventoryIntegrationService.reverse_cutting_completion(external, None)

def availability():
    found = check_cutting_stock_availability(cutting_order)
    return [found["available"], [entry["item"] for entry in found["items"]] == [normal.pk]]

def shortage():
    return messages(lambda one: InventoryIntegrationService._send_stock_shortage_notification(one, 9, 2))

def success():
    movement = StockTransaction.objects.last()
    return messages(lambda one: InventoryIntegrationService._send_deduction_success_notification(one, movement))

said = {}
for place in (reverse, availability, shortage, success):
    try:
        said[place.__name__] = place()
    except AttributeError as error:
        said[place.__name__] = str(error)
say(said)
"""
ERROR = "'NoneType' object has no attribute 'product'"


def test_completing_an_external_item_is_an_error_before_and_none_after(make_erp_with_database: Any) -> None:
    before, after = make_erp_with_database(), make_erp_with_database("BUG-017")

    found = before.tell(ORDER + COMPLETE)
    external, without_product, orphan = found["pk"]
    log = before.log()
    assert f"ERROR - خطأ في خصم المخزون للعنصر {external}: {ERROR}" in log
    assert f"ERROR - خطأ في خصم المخزون للعنصر {orphan}: {ERROR}" in log
    assert f"ERROR - خطأ في خصم المخزون للعنصر {without_product}: " in log
    assert 'inventory_integration.py", line 35' in log

    repaired = after.tell(ORDER + COMPLETE)
    assert repaired["status"] == found["status"] == ["completed"] * 3
    assert repaired["deducted"] == found["deducted"] == [False, False, False, True]
    assert repaired["balance"] == found["balance"] == "95.000"
    log = after.log()
    assert "ERROR" not in log
    assert f"INFO - العنصر {external} خارجي: لا خصم من المخزون" in log
    assert f"WARNING - العنصر {without_product} بلا منتج: لا خصم من المخزون" in log
    assert f"WARNING - العنصر {orphan} بلا منتج: لا خصم من المخزون" in log


def test_the_other_places_raise_before_and_do_not_after(make_erp_with_database: Any) -> None:
    before = make_erp_with_database().tell(ORDER + OTHER_PLACES)
    assert before == dict.fromkeys(["reverse", "availability", "shortage", "success"], ERROR)

    nameless = ["العنصر: 2 بلا منتج في المخزون", "العنصر: 3 بلا منتج في المخزون"]
    assert make_erp_with_database("BUG-017").tell(ORDER + OTHER_PLACES) == {
        "reverse": None,
        "availability": [True, True],
        "shortage": [
            *nameless,
            "المنتج: قطيفة كحلي المطلوب: 9 المتاح: 2 المستودع: المخزن الرئيسي أمر التقطيع: 1",
        ],
        "success": [*nameless, "المنتج: قطيفة كحلي الكمية: 100.000 الرصيد: 100.000"],
    }
