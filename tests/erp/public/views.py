"""Where a QR label leads: no login, one product."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from crm.http import json_response
from inventory.models import Product

from .models import QRScan


@require_GET
def product(request, code):
    found = get_object_or_404(Product, code=code)
    QRScan.objects.create(product=found)
    return json_response(
        {"code": found.code, "name": found.name, "price": str(found.price)}
    )
