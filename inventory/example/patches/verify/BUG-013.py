# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-013: the saved movement is asked about other warehouses before it is called an error. No database is asked."""

import logging
import os
import tempfile
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ.setdefault("SECRET_KEY", "not needed here")
os.environ.setdefault("LOGS_DIR", tempfile.gettempdir())  # or the settings make one beside the code

import django

django.setup()
logging.disable(logging.CRITICAL)

from django.db.models.signals import post_save

from inventory import empty_warehouse, signals

called = [receiver.__name__ for receiver in post_save._live_receivers(signals.StockTransaction)[0]]
if "stock_movement_saved" not in called or "stock_manager_handler" in called:
    raise SystemExit(f"the receivers of a stock movement are {called}")

for kept, expected in ((True, 0), (False, 1)):
    with (
        mock.patch.object(empty_warehouse, "kept_withdrawal", return_value=kept),
        mock.patch.object(signals, "stock_manager_handler") as refuse,
    ):
        signals.stock_movement_saved(signals.StockTransaction, mock.MagicMock(), created=True)
    if refuse.call_count != expected:
        raise SystemExit(f"a withdrawal that was {'kept' if kept else 'not kept'} is treated as the other")
