# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-018: a connection to a database that does not answer is given up after 5 s."""

import os
import tempfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ.setdefault("SECRET_KEY", "not needed here")
os.environ.setdefault("LOGS_DIR", tempfile.gettempdir())  # or the settings make one beside the code

from django.conf import settings

WANTED = 5  # seconds

said = settings.DATABASES["default"].get("OPTIONS", {}).get("connect_timeout")
if said != WANTED:
    raise SystemExit(f'DATABASES["default"]["OPTIONS"]["connect_timeout"] is {said}, and should be {WANTED}')
