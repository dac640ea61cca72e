# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-019: what goes to the Worker goes through the outbox, which knows KV's 429 in every shape. Nothing is sent."""

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

from public import cloudflare_outbox
from public.cloudflare_sync import CloudflareSync

sync = CloudflareSync()
sync.worker_url = "http://worker.invalid"
with mock.patch.object(cloudflare_outbox, "deliver", return_value="kept") as deliver:
    if sync._send_request({"code": "A"}) != "kept" or deliver.call_count != 1:
        raise SystemExit("CloudflareSync._send_request goes past the outbox")

body = '{"error":"KV PUT failed: 429 Too Many Requests","mode":"production"}'
answers = {(429, ""): True, (500, body): True, (500, "Internal Server Error"): False, (200, "ok"): False}
for (status, text), expected in answers.items():
    if cloudflare_outbox.throttled(status, text) is not expected:
        raise SystemExit(f"the answer {status} {text!r} is misread")
