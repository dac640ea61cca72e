# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists products that were withdrawn from warehouses without stock of them. Fed to `manage.py shell`; prints one line.

Run by the application's own Python, so nothing of the toolkit can be imported here. It reads one snapshot in a
transaction that may not write.

One row for each product and warehouse, by what is wrong there:

- never_received: withdrawals, booked or refused, and the warehouse has never received the product;
- overdrawn: more was withdrawn than received;
- empty: exactly what was received has been withdrawn; nothing to do unless the shelf says otherwise.

A refused withdrawal has left no movement (BUG-013). What is known of it are cutting items that are completed and not
deducted, whose product has no movement in the warehouse of their cutting order.
"""

import json
from decimal import Decimal

from cutting.models import CuttingOrderItem
from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, Sum
from inventory.models import Product, StockTransaction, Warehouse

KINDS = ("never_received", "overdrawn", "empty")
NOTHING = {"received": Decimal(0), "withdrawn": Decimal(0), "receipts": 0, "withdrawals": 0, "last_withdrawal": None}


def movements():
    """Sums and counts of movements by product and warehouse."""
    receipt, withdrawal = Q(transaction_type="in"), Q(transaction_type="out")
    rows = (
        StockTransaction.objects.order_by()
        .values_list("product_id", "warehouse_id")
        .annotate(
            received=Sum("quantity", filter=receipt, default=Decimal(0)),
            withdrawn=Sum("quantity", filter=withdrawal, default=Decimal(0)),
            receipts=Count("pk", filter=receipt),
            withdrawals=Count("pk", filter=withdrawal),
            last_withdrawal=Max("transaction_date", filter=withdrawal),
        )
    )
    return {(product, warehouse): dict(zip(NOTHING, sums, strict=True)) for product, warehouse, *sums in rows}


def refused(known):
    """Count and quantity of cut items without a movement, by product and warehouse."""
    rows = (
        CuttingOrderItem.objects.order_by()
        .filter(status="completed", inventory_deducted=False, order_item__product__isnull=False)
        .values_list("order_item__product_id", "cutting_order__warehouse_id")
        .annotate(count=Count("pk"), quantity=Sum(F("order_item__quantity") + F("additional_quantity")))
    )
    return {(product, warehouse): (count, quantity) for product, warehouse, count, quantity in rows
            if (product, warehouse) not in known}  # fmt: skip


def kind(sums, refusals):
    """What is wrong with a product in a warehouse; None: it is in stock, or nothing was to be withdrawn."""
    if not sums["withdrawals"] and not refusals:
        return None
    if not sums["receipts"]:
        return "never_received"
    balance = sums["received"] - sums["withdrawn"]
    if balance > 0:
        return None
    return "overdrawn" if balance < 0 else "empty"


def audit():
    """The rows: what is worst first, then the largest quantity."""
    known = movements()
    without_trace = refused(known)
    products = Product.objects.in_bulk()
    warehouses = Warehouse.objects.in_bulk()
    balances = {pair: sums["received"] - sums["withdrawn"] for pair, sums in known.items()}
    stocked = {}
    for (product, warehouse), balance in balances.items():
        if balance > 0:
            stocked.setdefault(product, []).append({"warehouse": warehouses[warehouse].name, "balance": str(balance)})
    rows = []
    for pair in known.keys() | without_trace.keys():
        sums = known.get(pair, NOTHING)
        count, quantity = without_trace.get(pair, (0, Decimal(0)))
        wrong = kind(sums, count)
        if wrong is None:
            continue
        product, warehouse = products[pair[0]], warehouses[pair[1]]
        last = sums["last_withdrawal"]
        rows.append(
            {
                "kind": wrong,
                "product_code": product.code,
                "product": product.name,
                "warehouse_code": warehouse.code,
                "warehouse": warehouse.name,
                "received": str(sums["received"]),
                "withdrawn": str(sums["withdrawn"]),
                "withdrawals": sums["withdrawals"],
                "balance": str(balances.get(pair, Decimal(0))),
                "refused": count,
                "refused_quantity": str(quantity),
                "last_withdrawal": last.isoformat(timespec="seconds") if last else None,
                "stocked_in": sorted(stocked.get(product.pk, []), key=lambda place: place["warehouse"]),
            }
        )
    return sorted(
        rows,
        key=lambda row: (
            KINDS.index(row["kind"]),
            -Decimal(row["withdrawn"]) - Decimal(row["refused_quantity"]),
            row["product_code"],
            row["warehouse_code"],
        ),
    )


with transaction.atomic():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    found = audit()
print("\nSTOCK_AUDIT " + json.dumps(found))
