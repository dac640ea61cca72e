"""Orders, their items, and the manufacturing that some of them need."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from customers.models import Customer
from inventory.models import Product


class Order(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "قيد الانتظار"
        IN_PROGRESS = "in_progress", "قيد التنفيذ"
        COMPLETED = "completed", "مكتمل"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="orders"
    )
    status = models.CharField(
        max_length=15, choices=Status.choices, default=Status.PENDING
    )
    notes = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"طلب {self.pk}"


class OrderItem(models.Model):
    """A line of an order. Services and fabrics brought by the customer have no product."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(
        Product,
        on_delete=models.SET_NULL,
        related_name="order_items",
        null=True,
        blank=True,
    )
    description = models.CharField(max_length=200, blank=True)
    quantity = models.DecimalField(
        max_digits=10, decimal_places=3, validators=[MinValueValidator(0)]
    )
    unit_price = models.DecimalField(max_digits=10, decimal_places=2, default=0)

    def __str__(self):
        return f"{self.product or self.description} × {self.quantity}"


class ManufacturingOrder(models.Model):
    """Moved here from the app `manufacturing`, whose table names it keeps."""

    class Status(models.TextChoices):
        WAITING = "waiting", "في الانتظار"
        DONE = "done", "تم التصنيع"

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="manufacturing_order"
    )
    items = models.ManyToManyField(OrderItem, related_name="manufacturing_orders")
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.WAITING
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "manufacturing_manufacturingorder"

    def __str__(self):
        return f"أمر تصنيع {self.pk}"
