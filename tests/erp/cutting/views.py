"""Cutting over JSON. No login and no CSRF: see crm.views."""

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from crm.forms import read_json

from .inventory_integration import check_cutting_stock_availability
from .models import CuttingOrder, CuttingOrderItem


@csrf_exempt
@require_POST
def complete(request, pk):
    """Close a cutting item. 200 even when the deduction failed: the answer says which."""
    item = get_object_or_404(CuttingOrderItem, pk=pk)
    item.mark_as_completed(str(read_json(request).get("cutter_name", "")))
    item.refresh_from_db()
    return JsonResponse(
        {
            "item": item.pk,
            "status": item.status,
            "inventory_deducted": item.inventory_deducted,
        }
    )


@require_GET
def stock(request, pk):
    """Does the order's warehouse hold what the order needs?"""
    order = get_object_or_404(CuttingOrder, pk=pk)
    return JsonResponse(check_cutting_stock_availability(order))
