"""Writing orders. Database errors pass: the caller decides who hears of them."""

from django.db import transaction

from customers.models import Customer

from .models import Order, OrderItem


@transaction.atomic
def create_order(customer: dict, items: list[dict]) -> tuple[Order, list[OrderItem]]:
    """Create a customer, their order and its items: all of it, or nothing."""
    order = Order.objects.create(customer=Customer.objects.create(**customer))
    return order, [OrderItem.objects.create(order=order, **item) for item in items]
