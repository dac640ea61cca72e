"""What cutting means for the stock.

A finished cutting item takes its fabric out of the warehouse of its cutting order; a
reversed one puts it back. Everything else here reports on that: what an order still
lacks, what has been taken, and who is told.
"""

import logging
from decimal import Decimal

from django.db import DatabaseError, transaction

from inventory.models import StockAlert, StockTransaction

logger = logging.getLogger(__name__)


class InventoryIntegrationService:
    """Moves stock for cutting orders, and tells the warehouse's people."""

    @staticmethod
    def process_cutting_completion(cutting_item, user):
        """Take the fabric of a finished item out of its warehouse.

        The withdrawal is booked even where the balance does not cover it: the fabric
        has been cut, and the people of the warehouse are told of the shortage.

        Gives the StockTransaction, or None for an item that has been deducted before
        and for a withdrawal that the stock refused.
        """
        try:
            with transaction.atomic():
                if cutting_item.inventory_deducted:
                    return None
                product = cutting_item.order_item.product
                required_quantity = (
                    cutting_item.order_item.quantity + cutting_item.additional_quantity
                )
                warehouse = cutting_item.cutting_order.warehouse

                available = InventoryIntegrationService.current_stock(
                    product, warehouse
                )
                if available < required_quantity:
                    InventoryIntegrationService._send_stock_shortage_notification(
                        cutting_item, required_quantity, available
                    )

                stock_transaction = StockTransaction.objects.create(
                    product=product,
                    warehouse=warehouse,
                    transaction_type=StockTransaction.Type.OUT,
                    quantity=required_quantity,
                    reference=InventoryIntegrationService.reference(cutting_item),
                    created_by=user,
                )
                if stock_transaction.pk is None:
                    # inventory.signals deleted it: this warehouse never had the product
                    return None

                cutting_item.inventory_deducted = True
                cutting_item.save(update_fields=["inventory_deducted"])
                InventoryIntegrationService._send_deduction_success_notification(
                    cutting_item, stock_transaction
                )
        except DatabaseError:
            logger.warning("أُلغي خصم المخزون للعنصر %s", cutting_item.pk)
            raise

        logger.info(
            "تم خصم %s من %s للعنصر %s", required_quantity, product, cutting_item.pk
        )
        return stock_transaction

    @staticmethod
    def reference(cutting_item):
        """What the movements of this item are found by."""
        return f"cutting-item-{cutting_item.pk}"

    @staticmethod
    def current_stock(product, warehouse):
        """The balance of a product in a warehouse: what its newest movement carries.

        Zero for a product that was never there, too: only inventory.signals tells an
        emptied shelf from one that was never filled.
        """
        newest = StockTransaction.objects.filter(
            product=product, warehouse=warehouse
        ).first()
        return newest.running_balance if newest else Decimal(0)

    @staticmethod
    def last_withdrawal(cutting_item):
        """The newest movement by which this item took fabric out, or None.

        An item can have several: each reversal may be followed by a new deduction.
        """
        return StockTransaction.objects.filter(
            reference=InventoryIntegrationService.reference(cutting_item),
            transaction_type=StockTransaction.Type.OUT,
        ).first()

    @staticmethod
    def reverse_cutting_completion(cutting_item, user, reason=""):
        """Put the fabric of a deducted item back, into the warehouse it came from.

        That is the warehouse of the withdrawal, and not the cutting order's: the order
        may have been moved since. The quantity is the withdrawal's for the same reason.

        Gives the StockTransaction of the return, or None where nothing was deducted.
        """
        if not cutting_item.inventory_deducted:
            return None

        withdrawal = InventoryIntegrationService.last_withdrawal(cutting_item)
        if withdrawal is None:
            logger.warning("لا توجد حركة صادر للعنصر %s", cutting_item.pk)
            return None

        with transaction.atomic():
            product = cutting_item.order_item.product
            returned = StockTransaction.objects.create(
                product=product,
                warehouse=withdrawal.warehouse,
                transaction_type=StockTransaction.Type.IN,
                quantity=withdrawal.quantity,
                reference=InventoryIntegrationService.reference(cutting_item),
                created_by=user,
            )
            cutting_item.inventory_deducted = False
            cutting_item.save(update_fields=["inventory_deducted"])

            StockAlert.objects.create(
                title="إرجاع إلى المخزون",
                message=(
                    f"المنتج: {product.name} الكمية: {withdrawal.quantity} "
                    f"المستودع: {withdrawal.warehouse.name} "
                    f"السبب: {reason or 'غير مذكور'}"
                ),
            )

        logger.info("أعيد %s من %s إلى المخزون", withdrawal.quantity, product)
        return returned

    @staticmethod
    def check_stock_availability(cutting_order):
        """What the order's open items need, against what its warehouse holds.

        Items that share a product are each compared with the whole stock: the page
        shows them one by one, and the cutter decides which piece is cut first. Items
        that have been deducted are passed over, and an order without open items lacks
        nothing.

        Gives {"available": bool, "items": [...]}, one entry for each open item with
        the quantities as strings, since JSON has no decimals.
        """
        warehouse = cutting_order.warehouse
        available = True
        items = []
        for item in cutting_order.items.all():
            if item.inventory_deducted:
                # Its fabric has left the balance already: counting it once more would
                # report a shortage that nobody can find.
                continue
            product = item.order_item.product
            required = item.order_item.quantity + item.additional_quantity
            in_stock = InventoryIntegrationService.current_stock(product, warehouse)
            enough = in_stock >= required
            available = available and enough
            items.append(
                {
                    "item": item.pk,
                    "product": product.name,
                    "required": str(required),
                    "in_stock": str(in_stock),
                    "enough": enough,
                }
            )
        return {"available": available, "items": items}

    @staticmethod
    def movements(cutting_order):
        """Every movement that the items of an order have made, newest first."""
        references = [
            InventoryIntegrationService.reference(item)
            for item in cutting_order.items.all()
        ]
        return StockTransaction.objects.filter(reference__in=references)

    @staticmethod
    def order_report(cutting_order):
        """How far an order is, and what it has moved so far.

        "not_deducted" counts items that are cut and still in the books: their deduction
        failed, or the stock refused it.
        """
        items = cutting_order.items
        completed = items.filter(status="completed")
        movements = InventoryIntegrationService.movements(cutting_order)
        return {
            "cutting_order": cutting_order.pk,
            "warehouse": cutting_order.warehouse.name,
            "items": items.count(),
            "external": items.filter(is_external=True).count(),
            "completed": completed.count(),
            "not_deducted": completed.filter(inventory_deducted=False).count(),
            "movements": [
                {
                    "product": movement.product.name,
                    "type": movement.transaction_type,
                    "quantity": str(movement.quantity),
                    "balance": str(movement.running_balance),
                }
                for movement in movements.select_related("product")
            ],
        }

    @staticmethod
    def retry_deductions(cutting_items, user):
        """Deduct items again whose deduction failed when they were completed.

        One item's failure does not keep the others from being deducted.

        Gives {"deducted": [...], "failed": {...}}: the keys of the items, and for the
        failed ones why.
        """
        deducted = []
        failed = {}
        for item in cutting_items:
            try:
                movement = complete_inventory_deduction(item, user)
            except Exception as error:
                logger.exception("فشلت إعادة خصم المخزون للعنصر %s", item.pk)
                failed[item.pk] = str(error)
                continue
            if movement is not None:
                deducted.append(item.pk)
        return {"deducted": deducted, "failed": failed}

    @staticmethod
    def reverse_order(cutting_order, user, reason=""):
        """Put back everything that an order has taken: all of it, or nothing.

        Gives the movements, one for each item that had been deducted.
        """
        with transaction.atomic():
            returned = [
                InventoryIntegrationService.reverse_cutting_completion(
                    item, user, reason
                )
                for item in cutting_order.items.filter(inventory_deducted=True)
            ]
        return [movement for movement in returned if movement is not None]

    @staticmethod
    def balances(warehouse):
        """What a warehouse holds: balance by product code, empty shelves left out.

        One query: the newest movement of each product carries its balance, and
        PostgreSQL's DISTINCT ON picks it.
        """
        newest = (
            StockTransaction.objects.filter(warehouse=warehouse)
            .order_by("product", "-transaction_date", "-id")
            .distinct("product")
            .select_related("product")
        )
        return {
            movement.product.code: movement.running_balance
            for movement in newest
            if movement.running_balance
        }

    @staticmethod
    def consumption(warehouse, since, until):
        """What cutting has taken from a warehouse, net of returns: quantity by product.

        `since` is included, `until` is not. A product can be below zero: its returns
        count on the day they are made.
        """
        movements = StockTransaction.objects.filter(
            warehouse=warehouse,
            reference__startswith="cutting-item-",
            transaction_date__gte=since,
            transaction_date__lt=until,
        ).select_related("product")
        totals = {}
        for movement in movements:
            outgoing = movement.transaction_type == StockTransaction.Type.OUT
            quantity = movement.quantity if outgoing else -movement.quantity
            code = movement.product.code
            totals[code] = totals.get(code, Decimal(0)) + quantity
        return totals

    @staticmethod
    def _send_stock_shortage_notification(cutting_item, required, available):
        """Tell the warehouse that more was cut than it holds."""
        StockAlert.objects.create(
            title="نقص في المخزون",
            message=(
                f"المنتج: {cutting_item.order_item.product.name} "
                f"المطلوب: {required} المتاح: {available} "
                f"المستودع: {cutting_item.cutting_order.warehouse.name} "
                f"أمر التقطيع: {cutting_item.cutting_order_id}"
            ),
        )
        logger.warning(
            "المخزون لا يغطي العنصر %s: %s < %s", cutting_item.pk, available, required
        )

    @staticmethod
    def _send_deduction_success_notification(cutting_item, stock_transaction):
        """Tell the warehouse what has been taken, and what is left of it.

        Written in the deduction's own transaction: when that is rolled back, nobody is
        told of it.
        """
        StockAlert.objects.create(
            title="تم خصم المخزون",
            message=(
                f"المنتج: {cutting_item.order_item.product.name} "
                f"الكمية: {stock_transaction.quantity} "
                f"الرصيد: {stock_transaction.running_balance}"
            ),
        )


def complete_inventory_deduction(cutting_item, user):
    return InventoryIntegrationService.process_cutting_completion(cutting_item, user)


def reverse_inventory_deduction(cutting_item, user, reason=""):
    return InventoryIntegrationService.reverse_cutting_completion(
        cutting_item, user, reason
    )


def check_cutting_stock_availability(cutting_order):
    return InventoryIntegrationService.check_stock_availability(cutting_order)
