# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of ``erp-sequences`` in both languages (pure).

Sentences of the engine are translated by ``erp_ops/translation.py``. They name the modules' options; ``for_command``
puts the command's in their place.
"""

from __future__ import annotations

import re
from typing import Any

from ...language import ARABIC, ENGLISH
from ..model import (
    BEHIND,
    CRITICAL,
    EXHAUSTED,
    GAP,
    HEALTHY,
    NEAR_LIMIT,
    OK,
    SKIPPED,
    UNKNOWN,
    UNREADABLE,
    WARNING,
)

WORDS: dict[str, dict[str, str]] = {
    ENGLISH: {
        HEALTHY: "healthy",
        WARNING: "warning",
        CRITICAL: "critical",
        UNKNOWN: "unknown",
        UNREADABLE: "not readable",
        EXHAUSTED: "exhausted",
        BEHIND: "behind",
        NEAR_LIMIT: "near limit",
        GAP: "gap",
        OK: "ok",
        SKIPPED: "left alone",
        "severity": "severity",
        "status": "status",
        "sequence": "sequence",
        "column": "column",
        "highest": "highest ID",
        "next": "next ID",
        "used": "used",
        "before": "next before",
        "after": "next now",
        "would": "next then",
        "limit": "limit",
        "type": "type",
        "step": "start, increment",
        "range": "bounds",
        "cache": "cache, cycle",
        "state": "last_value, is_called",
        "reasons": "reasons",
        "yes": "yes",
        "no": "no",
        "none": "none",
        "database": "Reads:     {where}",
        "sequences": "Sequences: {total} checked; {healthy} healthy, {warning} warning, {critical} critical, "
        "{unknown} unknown, {skipped} left alone",
        "statuses": "By status: {counts}",
        "logs": "Logs:      {logs}",
        "repaired": "Repaired:  {count}",
        "would_repair": "Would change: {count}. Nothing was written.",
        "nothing_to_repair": "Nothing to repair.",
        "not_repaired": "Not repaired: {count}",
        "nearest": "Nearest to their limit:",
        "all_healthy": "Every sequence will give a free number.",
        "more": "{count} more; {command} shows everything",
        "advice": "What to do:",
        "next_command": "Next: {what}",
        "do_fix": "the next insert collides. Look what a repair changes, then repair:",
        "do_outlier": "a few IDs lie far beyond the others. Correct those rows; only if they are genuine:",
        "do_exhausted": "no numbers are left. Widen the column and its sequence to bigint; see",
        "do_near_limit": "most numbers are used up. Plan to widen the column to bigint; see",
        "do_unknown": "something could not be checked. Do what is advised above, then check again:",
        "do_gap": "numbers were wasted, which is normal after deletes. Only if you want to give them again:",
        "do_real": "do it:",
        "do_confirm": "if that is what you want:",
        "note": "note",
        "written": "Written: {path}",
        "alerted": "Alerted by: {channels}",
        "alerted_before": "Alerted before, and not again: {channels}. Hours between two alerts of one unit: {hours}.",
    },
    ARABIC: {
        HEALTHY: "سليم",
        WARNING: "تحذير",
        CRITICAL: "حرج",
        UNKNOWN: "غير معروف",
        UNREADABLE: "تعذّرت قراءته",
        EXHAUSTED: "نفدت أرقامه",
        BEHIND: "متأخر",
        NEAR_LIMIT: "قارب حدّه",
        GAP: "فجوة",
        OK: "سليم",
        SKIPPED: "متروك",
        "severity": "الخطورة",
        "status": "الحالة",
        "sequence": "التسلسل",
        "column": "العمود",
        "highest": "أعلى رقم",
        "next": "الرقم التالي",
        "used": "المستهلك",
        "before": "التالي قبل",
        "after": "التالي الآن",
        "would": "التالي بعده",
        "limit": "الحد",
        "type": "النوع",
        "step": "البداية والزيادة",
        "range": "المجال",
        "cache": "المخبّأ والدوران",
        "state": "last_value, is_called",
        "reasons": "الأسباب",
        "yes": "نعم",
        "no": "لا",
        "none": "لا شيء",
        "database": "القراءة:   {where}",
        "sequences": "التسلسلات: فُحص {total}؛ سليم {healthy}، تحذير {warning}، حرج {critical}، غير معروف {unknown}، "
        "متروك {skipped}",
        "statuses": "بحسب الحالة: {counts}",
        "logs": "السجلات:   {logs}",
        "repaired": "أُصلح:     {count}",
        "would_repair": "ما سيتغير: {count}. لم يُكتب شيء.",
        "nothing_to_repair": "لا شيء يحتاج إلى إصلاح.",
        "not_repaired": "لم يُصلَح: {count}",
        "nearest": "الأقرب إلى حدودها:",
        "all_healthy": "كل تسلسل سيعطي رقمًا غير مستخدم.",
        "more": "وغيرها ({count})؛ كل شيء يظهر بالأمر: {command}",
        "advice": "ما ينبغي فعله:",
        "next_command": "الخطوة التالية: {what}",
        "do_fix": "ستفشل الإضافة القادمة لتكرار الرقم. انظر ما سيغيّره الإصلاح، ثم أصلح:",
        "do_outlier": "أرقام قليلة تبتعد كثيرًا عن غيرها. صحِّح صفوفها؛ فإن كانت حقيقية فقط:",
        "do_exhausted": "لم تبق أرقام. وسِّع العمود وتسلسله إلى bigint؛ انظر:",
        "do_near_limit": "استُهلك معظم الأرقام. خطِّط لتوسيع العمود إلى bigint؛ انظر:",
        "do_unknown": "تعذّر فحص بعضها. نفِّذ المذكور أعلاه، ثم افحص من جديد:",
        "do_gap": "ضاعت أرقام، وهذا طبيعي بعد الحذف. فقط إن أردت أن تُعطى من جديد:",
        "do_real": "نفِّذ الإصلاح:",
        "do_confirm": "إن كان هذا ما تريده:",
        "note": "تنبيه",
        "written": "كُتب الملف: {path}",
        "alerted": "أُرسل التنبيه عبر: {channels}",
        "alerted_before": "سبق إرسال هذا التنبيه ولم يُكرَّر: {channels}. عدد الساعات بين تنبيهين عن وحدة واحدة: {hours}.",
    },
}

# What the engine's sentences, in either language, call by the modules' names.
_COMMANDS_WORDS = (
    (r"\bpostgresql_sequence_sync\b", "erp-sequences fix"),
    (r"\bforce: true\b", "--force"),
    (r"Look at it in check mode, then repeat it with confirm: true", "Repeat it with --confirm to mean it"),
    (r"انظر إليه في وضع الفحص أولًا، ثم أعد الأمر مع confirm: true", "أعد الأمر مع --confirm إن كنت تقصد ذلك"),
    (r"\(become_user: postgres, or sudo -u postgres\)", "(sudo -u postgres)"),
    (r"(the filter|المرشِّح) tables\b", "--table"),
    (r"(the filter|المرشِّح) apps\b", "--app"),
    (r"(Correct|صحِّح) tables\b", r"\1 --table"),
    (r"(Correct|صحِّح) apps\b", r"\1 --app"),
    (r"\(schemas, tables, apps, sequences, exclude\)", "(--table, --app)"),
    (r"\blogin_db\b", "database"),
    (r"\blogin_password\b", "login_passfile"),
    (r"\blogin_unix_socket\b", "login_host"),
    (r"\bca_cert\b", "PGSSLROOTCERT"),
    (r"\bssl_mode\b", "PGSSLMODE"),
)


def for_command(text: str) -> str:
    """A sentence of the engine with the command's options and settings for the modules' options."""
    for pattern, words in _COMMANDS_WORDS:
        text = re.sub(pattern, words, text)
    return text


def say(language: str, word: str, **values: Any) -> str:
    """A word or sentence of the command."""
    return WORDS[language][word].format(**values)
