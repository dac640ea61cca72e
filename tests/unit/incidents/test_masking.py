# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not leave a host, in the forms in which logs have it, and what a person needs of the same lines."""

from __future__ import annotations

import pytest
from erp_ops.incidents.masking import masked

SECRET = "hunter2 of Hassan"
PHONE, DIGITS = "01001234567", "٠١٠٠١٢٣٤٥٦٧"
HEX = "4f9d2c8b7a6e5f4d3c2b1a0f9e8d7c6b5a4f3e2d"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"password": "{SECRET}", "id": 5}}',
        f'body: "{{\\"password\\": \\"{SECRET}\\", \\"id\\": 5}}"',
        f"{{'password': '{SECRET}'}}",
        f"<QueryDict: {{'user': ['x'], 'password': ['{SECRET}', '{SECRET}']}}>",
        f'"password": "half \\" {SECRET}"',
        f'"password": "{SECRET}',  # a sample ends here
        f"password=\n  '{SECRET}'",
        f"كلمة المرور: «{SECRET}»",
        "DB_PASS=hunter2",
        "smtp pass: hunter2",
        "X-Auth-Key: hunter2",
        "otp=hunter2",
        "وكلمة السر:hunter2",
        "رمز التحقق: hunter2",
        "الرقم السري: hunter2",
        "Cookie: theme=dark; sid=hunter2; x=1",
        "Set-Cookie: sid=hunter2; Path=/",
        'Authorization: Digest username="x", response="hunter2"',
        "Authorization: Token hunter2",
        "postgres://erp:a@b:hunter2@localhost:6432/crm",
        "postgres://erp:hunter2/x@localhost:6432/crm",
        "redis://:hunter2@localhost:6379/0",
        "DETAIL:  Key (lower(username::text))=(hunter2) already exists.",
        "DETAIL:  Key (id, secret)=(1, hunter2) already exists.",
        "DETAIL:  Failing row contains (812, hunter2, Hassan\nhunter2, null).",
        'CONTEXT:  COPY customers_customer, line 3: "12\thunter2"',
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "pbkdf2_sha256$600000$salt$hunter2/hunter2=",
        "SCRAM-SHA-256$4096:salt$hunter2:hunter2",
        "https://erp/reset/MQ/c2x1b2-hunter2hunter2hunter2/",
        "https://api.telegram.org/bot12345:hunter2/sendMessage",
        "https://hooks.slack.com/services/T0/B0/hunter2",
        "glpat-hunter2hunter2",
    ],
)
def test_a_secret_is_hidden(text: str) -> None:
    shown = masked(text)
    assert "***" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "phone:{}", "tel:{}", "هاتف{}", "هاتف:{}،", "/customers/{}/", "?phone={}&x=1",
        "Key (code)=({}) already exists.",
        "\u200f{}\u200f", '"phone":"{}"', "<{}>",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "number",
    [PHONE, "0100 123 4567", "0100-123-4567", "(010) 01234567", "+20 (100) 123-4567", "+201001234567",
     "201001234567", "%2B201001234567", "00201001234567", DIGITS, "٠١٠٠ ١٢٣ ٤٥٦٧", "+٢٠١٠٠١٢٣٤٥٦٧", "29001011234567"],
)  # fmt: skip
def test_a_number_of_a_person_is_hidden_wherever_it_stands(text: str, number: str) -> None:
    shown = masked(text.format(number))
    assert shown == text.format("***")


@pytest.mark.parametrize("text", ["email={}%40example.com&x", "<{}@example.com>", "{}@البريد.مصر", "بريد:{}@a.b.co"])
def test_an_address_is_hidden(text: str) -> None:
    assert "hassan" not in masked(text.format("hassan.ali"))


def test_a_key_that_lost_its_beginning_is_hidden() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7/+a1"
    assert masked(f"…\n{line}\n{line}\nend") == "…\n***\n***\nend"


@pytest.mark.parametrize(
    "text",
    [
        "DETAIL:  Key (id)=(812) already exists.",
        "DETAIL:  Key (order_id)=(812) is not present in table \"orders_order\".",
        'violates foreign key constraint "orders_orderitem_order_id_5b3e8c9d_fk_orders_order_id"',
        'relation "customers_customer_phone2_1a2b3c4d_uniq" already exists',
        "InvalidTokenError: Signature has expired",
        "http.cookies.CookieError: Illegal key 'a b'",
        "Enter the password:\nTraceback (most recent call last):",
        "WARNING C-0x55: crm_system/erp@127.0.0.1:41234 pooler error: server down",
        "celery@erp1.example.com is away",
        "fetch http://localhost:8000/orders/@me failed",
        "at 2026-02-25 12:50:11.123456+02:00 order 20260225125011 of 3.1415926535",
        "في ٢٠٢٦-٠٢-٢٥ ١٢:٥٠:١١ عند الطلب ٨١٢",
        "Forbidden (CSRF token missing.): /orders/create/",
        "KV PUT failed: 429, 1000 writes, 00:00:00 2026-02-25",
    ],
)  # fmt: skip
def test_what_a_person_needs_stays(text: str) -> None:
    assert masked(text) == text


def test_of_a_row_its_numbers_and_what_is_missing_stay() -> None:
    text = "DETAIL:  Failing row contains (812, null, Hassan, 2026-02-25 12:50:11+02, t, 12.50).\nnext (1)."
    assert masked(text) == text.replace("Hassan", "***")


def test_a_hash_is_hidden_though_a_name_with_digits_is_not() -> None:
    assert masked(f'"{HEX}" and index orders_order_created_at_4f9d2c8b_idx_of_2026') == (
        '"***" and index orders_order_created_at_4f9d2c8b_idx_of_2026'
    )
