# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that this process trusts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mail_server import Certificates, make_certificates


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    made = make_certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    return made
