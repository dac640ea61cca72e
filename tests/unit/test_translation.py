# SPDX-License-Identifier: GPL-3.0-or-later
"""The Arabic catalogue beside the code whose sentences it translates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from erp_ops.arabic_texts import TEXTS
from erp_ops.connection import ConnectionOptions, connection_error, statement_error
from erp_ops.errors import OperatorError
from erp_ops.sequences.filters import Filter, select
from erp_ops.terminal import is_right_to_left
from erp_ops.translation import error_text, kept_error_text, text_in, translated

# Files whose every sentence reaches an operator.
ENGINE = (
    "judge",
    "skipped",
    "obstacles",
    "plan",
    "repair_io",
    "filters",
    "run_io",
    "module_options",
    "catalog",
    "results",
)
COMMAND = ("actions_io", "cli", "arguments", "log_io", "output_io", "alerting_io", "records_io", "report_io")
INCIDENTS = ("cli", "examine_io", "files_io", "journal_io", "json_form", "known_io", "period", "playbook")
ALERTS = ("mail_io", "webhook_io", "delivery_io")
FILES = (
    "connection.py",
    "driver.py",
    "settings_io.py",
    *(f"sequences/{name}.py" for name in ENGINE),
    *(f"sequences/command/{name}.py" for name in COMMAND),
    *(f"alerts/{name}.py" for name in ALERTS),
    *(f"incidents/{name}.py" for name in INCIDENTS),
    "html/engine_io.py",
)

# Pieces that the code puts together, and the wholes of the catalogue that they become. Examples stand below.
PIECES = {
    "{} column's default draws from it",
    "It is owned by {}, but no",
    " and {} more",
    "Reading {} took longer than statement_timeout: ",
    "{}. Run postgresql_sequence_sync",
    " in {} (port {})",
    ' as user "{}"',
    "Far beyond the other IDs lies {}{}: repairing it would use up the sequence for good. Correct or delete these rows "
    "and run this again; if they are genuine, repair it with force: true",
    "there are: {}{}",
    " (and {} more, see not_repaired)",
    "cannot repair the sequence {}{}",
}
WHOLES = {
    "No column's default draws from it",
    "It is owned by {}, but no column's default draws from it",
    "{} and {} more",
    "Reading {} took longer than statement_timeout: {}",
    'database "{}" {}',
    'database "{}" {} as user "{}"',
    "over the socket in {} (port {})",
    "Far beyond the other IDs lies {}: repairing it would use up the sequence for good. Correct or delete these rows "
    "and run this again; if they are genuine, repair it with force: true",
    "there are: {}",
    "cannot repair the sequence {}",
    "cannot repair the sequence {} (and {} more, see not_repaired)",
    "stopped",
    "Permission denied",  # the system's own, of a log that cannot be opened
}
# For whoever changes the code, and PostgreSQL's own words.
NOT_TRANSLATED = {
    "{} was neither read nor is there a reason why not",
    "a statement that always gives one row gave none",
    "the catalog query gives at least one row",
    "the catalog query gives {}, and the model wants {}",
    'database "{}" {}{}',
    "the disk is full",
    "sudo {}",
    "Report what this host's logs say of a period.",
    "it must be more than 0",
    "-c role=",
    "list[dict[str, Any]]",
    'role "{}" does not exist',
    "sequences of {}",
    "unit {}",
    "sudo -u postgres ",
    "application/json; charset=utf-8",
    "{} is no number of minutes",
    # What journalctl says.
    "not seeing messages from other users",
    "No journal files",
    "ignoring file",
}
WORDS = 2


def skeleton(template: str) -> str:
    return re.sub(r"\{\w*\}", "{}", template)


def sentences(path: Path) -> Iterator[str]:
    """Every text of a file as a skeleton: but docstrings, patterns and help texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(value) for value in node.values if isinstance(value, ast.Constant)}
            left_out |= {
                id(part)
                for value in node.values
                if isinstance(value, ast.FormattedValue) and value.format_spec
                for part in ast.walk(value.format_spec)
            }
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            names = [ast.unparse(name) for name in (node.targets if isinstance(node, ast.Assign) else [node.target])]
            if names == ["_CONNECTION_REMEDIES"]:
                left_out |= {id(pair.elts[0]) for pair in node.value.elts}
            if names in (["_EXIT"], ["_ACTIONS"]):
                left_out |= {id(part) for part in ast.walk(node.value)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("add_argument", "add_parser", "_Parser")):
            left_out |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.For) and "metavar" in ast.unparse(node.target):
            left_out |= {id(part) for part in ast.walk(node.iter)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(value.value if isinstance(value, ast.Constant) else "{}" for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield skeleton(node.value)


def spoken(repository: Path) -> set[str]:
    found = {text for file in FILES for text in sentences(repository / "module_utils/erp_ops" / file)}
    return {text for text in found if len(text.split()) >= WORDS and re.search("[a-z]", text.replace("{}", ""))}


def test_every_sentence_that_reaches_an_operator_is_in_the_catalogue(repository: Path) -> None:
    known = {skeleton(english) for english in TEXTS} | PIECES | NOT_TRANSLATED
    assert sorted(spoken(repository) - known) == []


def test_nothing_stays_in_the_catalogue_that_the_code_no_longer_says(repository: Path) -> None:
    said = spoken(repository)
    assert sorted({skeleton(english) for english in TEXTS} - said - WHOLES) == []
    assert sorted((PIECES | NOT_TRANSLATED) - said) == []


@pytest.mark.parametrize("english", TEXTS)
def test_the_arabic_has_the_same_places_and_is_arabic(english: str) -> None:
    arabic = TEXTS[english]
    assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", arabic))
    assert is_right_to_left(arabic)
    assert not arabic.endswith((".", "؟"))


OPTIONS = ConnectionOptions("crm_system", host="127.0.0.1", port=5432, user="erp")
REFUSED = 'connection to server at "127.0.0.1", port 5432 failed: Connection refused'


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (REFUSED, "شغِّل الخدمة التي تستمع على المنفذ 5432"),
        ('FATAL:  password authentication failed for user "erp"', "صحِّح login_user أو login_password"),
        ('FATAL:  database "crm_system" does not exist', 'createdb "crm_system"'),
        ('FATAL:  permission denied for database "crm_system"', 'GRANT CONNECT ON DATABASE "crm_system" TO "erp"'),
        ("timeout expired", "جدار الحماية"),
        ("something nobody has seen before", "صحِّح ما يذكره السبب"),
    ],
)
def test_a_connection_that_failed_is_told_in_arabic_with_postgresqls_own_words(said: str, remedy: str) -> None:
    error = connection_error(psycopg2.OperationalError(said), OPTIONS)
    text = error_text(error, "ar")
    where = 'قاعدة البيانات "crm_system" على 127.0.0.1 المنفذ 5432 باسم المستخدم "erp"'
    assert text.startswith(f"تعذّر الاتصال: {where}: {said}. ")
    assert remedy in text
    # As the history keeps it, too.
    assert kept_error_text(str(error), "ar") == text
    assert kept_error_text(str(error), "en") == str(error)


def test_a_kept_sentence_whose_parts_nobody_knows_stays() -> None:
    assert kept_error_text("something: went wrong. Look at it.", "ar") == "something: went wrong. Look at it."


def test_a_statement_that_timed_out_is_told_in_arabic() -> None:
    class Cancelled(psycopg2.Error):
        pgcode = "57014"

    text = error_text(statement_error(Cancelled("canceling statement"), "cannot check the sequences"), "ar")
    assert text.startswith("تعذّر فحص التسلسلات: canceling statement. أعد التنفيذ حين يخفّ الحمل")


def test_a_table_that_is_missing_is_told_in_arabic() -> None:
    with pytest.raises(OperatorError) as raised:
        select([], Filter(tables=("orders",)))
    assert error_text(raised.value, "ar") == (
        'المرشِّح tables يذكر "orders": لا تسلسل يتبعه؛ لا شيء من ذلك في هذه القاعدة. صحِّح tables.'
    )


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("there are: orders, lines and 5 more", "الموجود: orders, lines وغيرها (5)"),
        ("No column's default draws from it", "لا عمود يأخذ قيمته الافتراضية منه"),
        (
            'It is owned by "public"."t"."id", but no column\'s default draws from it',
            'يملكه "public"."t"."id"، لكن لا عمود يأخذ قيمته الافتراضية منه',
        ),
        (
            "permission denied for sequence s. Run as the owner or a superuser: GRANT SELECT ON SEQUENCE s TO erp;",
            "permission denied for sequence s. نفِّذ بصفتك المالك أو مستخدمًا خارقًا (superuser): "
            "GRANT SELECT ON SEQUENCE s TO erp;",
        ),
        (
            "Reading public.t took longer than statement_timeout: raise statement_timeout",
            "استغرقت قراءة public.t أكثر من statement_timeout: ارفع statement_timeout",
        ),
        (
            "The next value is 1 while 30 is in use: inserts fail with duplicate keys now or soon. Run "
            "postgresql_sequence_sync",
            "الرقم التالي 1 بينما الرقم 30 مستخدم: ستفشل الإضافة بخطأ تكرار المفتاح الآن أو قريبًا. نفِّذ "
            "postgresql_sequence_sync",
        ),
        ("deadlock detected", "deadlock detected"),
    ],
)
def test_what_is_put_together_is_taken_apart_and_what_is_unknown_stays(english: str, arabic: str) -> None:
    assert translated(english) == arabic
    assert text_in("en", english) == english
