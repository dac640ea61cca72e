"""Work on the stock that nobody waits for."""

from decimal import Decimal

from celery import shared_task
from django.db import transaction

from .models import StockTransaction
from .signals import signed_quantity


@shared_task
def recalculate_balances(warehouse_id: int) -> int:
    """Carry the running balances of one warehouse anew; gives the number of rows it corrected."""
    balances: dict[int, Decimal] = {}
    wrong = []
    with transaction.atomic():
        movements = StockTransaction.objects.select_for_update().filter(
            warehouse_id=warehouse_id
        )
        for movement in movements.order_by("transaction_date", "pk"):
            balance = balances.get(movement.product_id, Decimal(0))
            balance += signed_quantity(movement)
            balances[movement.product_id] = balance
            if movement.running_balance != balance:
                movement.running_balance = balance
                wrong.append(movement)
        StockTransaction.objects.bulk_update(wrong, ["running_balance"], batch_size=500)
    return len(wrong)
