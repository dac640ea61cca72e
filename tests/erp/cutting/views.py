"""Cutting over JSON. No login and no CSRF: see crm.views."""

from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from crm.http import json_response, read_json
from inventory.models import Warehouse

from .inventory_integration import (
    InventoryIntegrationService,
    check_cutting_stock_availability,
)
from .models import CuttingOrder, CuttingOrderItem

SHOWN = 20
CONSUMPTION_DAYS = 30


@require_GET
def open_items(request):
    """The oldest items that wait to be cut; ?external=1 for fabric from outside only."""
    items = CuttingOrderItem.objects.filter(status=CuttingOrderItem.Status.PENDING)
    if request.GET.get("external") == "1":
        items = items.filter(is_external=True)
    shown = items.order_by("pk").values(
        "pk", "cutting_order", "order_item", "is_external"
    )[:SHOWN]
    return json_response({"total": items.count(), "items": list(shown)})


@csrf_exempt
@require_POST
def complete(request, pk):
    """Close a cutting item. 200 even when the deduction failed: the answer says which."""
    item = get_object_or_404(CuttingOrderItem, pk=pk)
    item.mark_as_completed(str(read_json(request).get("cutter_name", "")))
    item.refresh_from_db()
    return json_response(
        {
            "item": item.pk,
            "status": item.status,
            "inventory_deducted": item.inventory_deducted,
        }
    )


@require_GET
def report(request, pk):
    """How far an order is, and what it has moved."""
    order = get_object_or_404(CuttingOrder, pk=pk)
    return json_response(InventoryIntegrationService.order_report(order))


@require_GET
def stock(request, pk):
    """Does the order's warehouse hold what the order needs?"""
    order = get_object_or_404(CuttingOrder, pk=pk)
    return json_response(check_cutting_stock_availability(order))


@csrf_exempt
@require_POST
def reverse(request, pk):
    """Put back everything that an order has taken."""
    order = get_object_or_404(CuttingOrder, pk=pk)
    reason = str(read_json(request).get("reason", ""))
    returned = InventoryIntegrationService.reverse_order(order, None, reason)
    return json_response({"returned": [movement.pk for movement in returned]})


@require_GET
def warehouse(request, pk):
    """What a warehouse holds, and what cutting has taken from it in the last month."""
    found = get_object_or_404(Warehouse, pk=pk)
    now = timezone.now()
    since = now - timedelta(days=CONSUMPTION_DAYS)
    return json_response(
        {
            "warehouse": found.name,
            "balances": InventoryIntegrationService.balances(found),
            "consumption": InventoryIntegrationService.consumption(found, since, now),
        }
    )
