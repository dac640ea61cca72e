"""What follows from a stock movement as soon as it is saved.

Balances are kept by the rows themselves: each transaction carries the balance of its
product in its warehouse after it. A page then shows the stock by reading one row, and
does not sum up years of movements.
"""

import logging
from decimal import Decimal

from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import StockTransaction

logger = logging.getLogger(__name__)


def previous_transaction(instance):
    """The newest other movement of this product in this warehouse, or None."""
    return (
        StockTransaction.objects.filter(
            product=instance.product, warehouse=instance.warehouse
        )
        .exclude(pk=instance.pk)
        .first()
    )


def signed_quantity(instance):
    """The movement as it changes the balance: withdrawals count down."""
    if instance.transaction_type == "out":
        return -instance.quantity
    return instance.quantity


@receiver(post_save, sender=StockTransaction)
def stock_manager_handler(sender, instance, created, **kwargs):
    """Guard the empty warehouse, and carry the running balance on.

    A product's first movement in a warehouse has to be a receipt. A withdrawal that
    comes first takes out what was never put in: it is logged as an error, for somebody
    to look into, and its row is deleted again. Its caller sees an instance without a
    primary key. Most often the product was received in one warehouse and cut from
    another.

    Later movements are never refused: the warehouse may be behind with its receipts,
    and a negative balance says so.

    Rows of a fixture (`loaddata`) bring their balances along, and what is edited later
    keeps its own: inventory.tasks.recalculate_balances carries those anew.
    """
    if kwargs.get("raw"):
        return
    if not created:
        return

    previous = previous_transaction(instance)
    first_is_withdrawal = instance.transaction_type == "out" and previous is None
    if first_is_withdrawal:
        product, warehouse = instance.product, instance.warehouse
        logger.error(
            f"❌ محاولة سحب من مستودع فارغ! المنتج: {product.name} "
            f"المستودع: {warehouse.name} الكمية: {instance.quantity}"
        )
        instance.delete()
        return

    balance = previous.running_balance if previous else Decimal(0)
    instance.running_balance = balance + signed_quantity(instance)
    StockTransaction.objects.filter(pk=instance.pk).update(
        running_balance=instance.running_balance
    )
