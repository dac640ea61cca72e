"""Cutting orders: which fabric of an order is cut, from which warehouse."""

import logging

from django.db import models
from django.utils import timezone

from inventory.models import Warehouse
from orders.models import Order, OrderItem

logger = logging.getLogger(__name__)


class CuttingOrder(models.Model):
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="cutting_orders"
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="cutting_orders"
    )
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"أمر تقطيع {self.pk}"


class CuttingOrderItem(models.Model):
    """A piece to cut. An external one is fabric from outside: it has no order item."""

    class Status(models.TextChoices):
        PENDING = "pending", "قيد الانتظار"
        COMPLETED = "completed", "مكتمل"

    cutting_order = models.ForeignKey(
        CuttingOrder, on_delete=models.CASCADE, related_name="items"
    )
    order_item = models.ForeignKey(
        OrderItem,
        on_delete=models.CASCADE,
        related_name="cutting_items",
        null=True,
        blank=True,
    )
    is_external = models.BooleanField(default=False)
    external_description = models.CharField(max_length=200, blank=True)
    additional_quantity = models.DecimalField(
        max_digits=10, decimal_places=3, default=0
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.PENDING
    )
    cutter_name = models.CharField(max_length=100, blank=True)
    cutting_date = models.DateTimeField(null=True, blank=True)
    inventory_deducted = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.cutting_order} / {self.pk}"

    def mark_as_completed(self, cutter_name, user=None):
        """Close the item and deduct its fabric. The cut is done: a failed deduction is logged, not raised."""
        from .inventory_integration import complete_inventory_deduction  # noqa: PLC0415

        self.status = self.Status.COMPLETED
        self.cutter_name = cutter_name
        self.cutting_date = timezone.now()
        self.save(update_fields=["status", "cutter_name", "cutting_date"])
        try:
            complete_inventory_deduction(self, user)
        except Exception as error:
            logger.exception(
                f"خطأ في خصم المخزون للعنصر {self.pk}: {error}"  # noqa: TRY401 - the team greps for this line
            )
