"""Orders over JSON. No login and no CSRF: see crm.views."""

from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from crm.http import json_response, read_json

from .forms import OrderForm, OrderItemForm
from .models import Order
from .services import create_order

SHOWN = 20


@csrf_exempt
@require_POST
def create(request):
    """Create an order. What the database refuses is Django's 500, logged with its traceback."""
    body = read_json(request)
    order_form = OrderForm(
        {"customer": body.get("customer"), "phone": body.get("phone")}
    )
    lines = body.get("items")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        return json_response({"errors": {"items": ["a list of objects"]}}, status=400)
    item_forms = [OrderItemForm(line) for line in lines]
    invalid = [form.errors for form in (order_form, *item_forms) if not form.is_valid()]
    if invalid:
        return json_response({"errors": invalid}, status=400)

    customer = {
        "name": order_form.cleaned_data["customer"],
        "phone": order_form.cleaned_data["phone"],
    }
    items = [
        {**form.cleaned_data, "unit_price": form.cleaned_data["unit_price"] or 0}
        for form in item_forms
    ]
    order, order_items = create_order(customer, items)
    return json_response(
        {
            "order": order.pk,
            "customer": order.customer_id,
            "items": [item.pk for item in order_items],
        },
        status=201,
    )


@require_GET
def newest(request):
    """The newest orders, and how many there are."""
    orders = Order.objects.select_related("customer").order_by("-pk")[:SHOWN]
    return json_response(
        {
            "total": Order.objects.count(),
            "orders": [
                {
                    "order": order.pk,
                    "customer": order.customer.name,
                    "status": order.status,
                    "created_at": order.created_at,
                }
                for order in orders
            ],
        }
    )
