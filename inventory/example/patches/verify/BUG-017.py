# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-017: items without an order item, or without a product, pass each of the six places. No database is asked."""

import contextlib
import logging
import os
import tempfile
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ.setdefault("SECRET_KEY", "not needed here")
os.environ.setdefault("LOGS_DIR", tempfile.gettempdir())  # or the settings make one beside the code

import django

django.setup()
logging.disable(logging.CRITICAL)

from cutting import inventory_integration
from django.db.models import Model

service = inventory_integration.InventoryIntegrationService


def cutting_item(**given):
    """An item as the database would give it; nothing of it has been deducted."""
    fields = {
        "pk": 1,
        "cutting_order_id": 1,
        "cutting_order": mock.MagicMock(),
        "additional_quantity": Decimal(0),
        "inventory_deducted": False,
        "save": mock.MagicMock(),
    }
    return SimpleNamespace(**fields | given)


without_product = SimpleNamespace(product=None, quantity=Decimal(1))
items = {
    "an external item": {"is_external": True, "order_item": None},
    "an item without a product": {"is_external": False, "order_item": without_product},
}

with contextlib.ExitStack() as stack:
    stack.enter_context(mock.patch.object(inventory_integration.transaction, "atomic", contextlib.nullcontext))
    for name, value in list(vars(inventory_integration).items()):
        if isinstance(value, type) and issubclass(value, Model):
            stack.enter_context(mock.patch.object(inventory_integration, name, mock.MagicMock()))
    for kind, fields in items.items():
        if inventory_integration.complete_inventory_deduction(cutting_item(**fields), None) is not None:
            raise SystemExit(f"{kind} was deducted")
        deducted = cutting_item(**fields | {"inventory_deducted": True})
        if inventory_integration.reverse_inventory_deduction(deducted, None) is not None:
            raise SystemExit(f"{kind} was put back")
        order = mock.MagicMock()
        order.items.all.return_value = [cutting_item(**fields)]
        if not inventory_integration.check_cutting_stock_availability(order)["available"]:
            raise SystemExit(f"{kind} is reported as short")
        service._send_stock_shortage_notification(cutting_item(**fields), Decimal(1), Decimal(0))
        service._send_deduction_success_notification(cutting_item(**fields), mock.MagicMock())
