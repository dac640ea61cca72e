# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of alerts about sequences, in both languages (pure). Severities, statuses and next steps: ``words.py``.

Arabic sentences are written so that no number needs a noun to agree with it, and begin with an Arabic word: a mail
program then sets the line from right to left.
"""

from __future__ import annotations

from typing import Any

from ...alerts.state import ALERT, RECOVERY, REMINDER, REPAIRED
from ...language import ARABIC, ENGLISH
from ..model import BEHIND, CRITICAL, EXHAUSTED, GAP, NEAR_LIMIT, UNKNOWN, UNREADABLE, WARNING

ALERT_WORDS: dict[str, dict[str, str]] = {
    ENGLISH: {
        f"title_{ALERT}": "ALERT: sequences of {database} on {host}: {counts}",
        f"title_{REMINDER}": "REMINDER: sequences of {database} on {host}: still {counts}",
        f"title_{RECOVERY}": "RECOVERED: sequences of {database} on {host}",
        f"title_{REPAIRED}": "REPAIRED: sequences of {database} on {host}: {count}",
        f"title_failure_{ALERT}": "ALERT: sequences of {database} on {host} could not be checked",
        f"title_failure_{REMINDER}": "REMINDER: sequences of {database} on {host} still cannot be checked",
        f"lead_{CRITICAL}": "A person is needed: inserts into the database fail now, or will soon.",
        f"lead_{UNKNOWN}": "Some sequences could not be checked, so nobody knows whether their next number is free.",
        f"lead_{WARNING}": "Nothing fails yet, but this wants to be looked at.",
        "lead_unseen": "This check found nothing new, but it could not look at everything that was reported.",
        f"lead_{RECOVERY}": "Nothing is left of what was reported since {since}.",
        f"lead_{REPAIRED}": "The next number of these sequences was in use. They were raised, and nothing has to be "
        "done now. Find out what writes IDs of its own (an import, a restore by hand), or it will happen again.",
        "since": "It has been so since {since}.",
        "count": "{severity} {count}",
        "between": ", ",
        "wrong": "What is wrong:",
        "unseen": "Reported earlier, and not visible to this check:",
        "repaired": "What was repaired:",
        "not_repaired": "What could not be repaired:",
        "again_by_hand": "To check again by hand:",
        "place": "table {table}, column {column}",
        "alone": "sequence {sequence}",
        "trouble": "[{severity}] {place}: {what}",
        BEHIND: "the next number is {next}, but {edge} is in use already",
        EXHAUSTED: "no number is left, {limit} is the last one",
        NEAR_LIMIT: "{used} of the numbers up to {limit} are used up",
        GAP: "the highest number is {edge}, the next one {next}",
        UNREADABLE: "it could not be checked. {advice}",
        "until": "; at the rate of the last weeks none is left after {date}",
        "repair": "sequence {sequence}: the next number was {before}, and is {after} now",
        "refusal": "sequence {sequence}: {advice}",
        "more": "and {count} more",
        "foot": "Sent by {program} on {host}, {time}.",
        "again": " Hours until the next reminder, while it stays so: {hours}.",
    },
    ARABIC: {
        f"title_{ALERT}": "تنبيه: تسلسلات {database} على {host}: {counts}",
        f"title_{REMINDER}": "تذكير: تسلسلات {database} على {host} على حالها: {counts}",
        f"title_{RECOVERY}": "زالت المشكلة: تسلسلات {database} على {host}",
        f"title_{REPAIRED}": "إصلاح تلقائي: تسلسلات {database} على {host}: {count}",
        f"title_failure_{ALERT}": "تنبيه: تعذّر فحص تسلسلات {database} على {host}",
        f"title_failure_{REMINDER}": "تذكير: ما زال فحص تسلسلات {database} على {host} متعذّرًا",
        f"lead_{CRITICAL}": "يلزم تدخّل: إضافة الصفوف إلى القاعدة تفشل الآن أو ستفشل قريبًا.",
        f"lead_{UNKNOWN}": "تعذّر فحص بعض التسلسلات، فلا يُعرف هل رقمها التالي غير مستخدم.",
        f"lead_{WARNING}": "لا شيء يفشل حتى الآن، لكن ما يلي يحتاج إلى متابعة.",
        "lead_unseen": "لم يجد هذا الفحص جديدًا، لكنه لم يستطع رؤية كل ما أُبلغ عنه.",
        f"lead_{RECOVERY}": "لم يبقَ شيء مما أُبلغ عنه منذ {since}.",
        f"lead_{REPAIRED}": "كان الرقم التالي لهذه التسلسلات مستخدمًا فرُفعت، ولا يلزم إجراء الآن. ابحث عمّا يكتب الأرقام "
        "بنفسه (استيراد بيانات، أو استعادة يدوية) وإلا تكرّر الأمر.",
        "since": "الحال كذلك منذ {since}.",
        "count": "{severity} {count}",
        "between": "، ",
        "wrong": "المشكلة:",
        "unseen": "أُبلغ عنها من قبل ولم يستطع هذا الفحص رؤيتها:",
        "repaired": "ما أُصلح:",
        "not_repaired": "ما تعذّر إصلاحه:",
        "again_by_hand": "للفحص من جديد يدويًا:",
        "place": "الجدول {table}، العمود {column}",
        "alone": "التسلسل {sequence}",
        "trouble": "{severity}: {place}: {what}",
        BEHIND: "الرقم التالي {next} مع أن الرقم {edge} مستخدم",
        EXHAUSTED: "لم يبقَ رقم، وآخر الأرقام {limit}",
        NEAR_LIMIT: "استُهلك {used} من الأرقام حتى {limit}",
        GAP: "أعلى رقم {edge} والرقم التالي {next}",
        UNREADABLE: "تعذّر فحصه. {advice}",
        "until": "؛ وبمعدل الأسابيع الأخيرة لا يبقى رقم بعد {date}",
        "repair": "التسلسل {sequence}: كان رقمه التالي {before} فأصبح {after}",
        "refusal": "التسلسل {sequence}: {advice}",
        "more": "وغيرها ({count})",
        "foot": "أرسله {program} على {host} بتاريخ {time}.",
        "again": " عدد الساعات حتى التذكير التالي ما دام الحال كذلك: {hours}.",
    },
}


def tell(language: str, word: str, **values: Any) -> str:
    """A sentence of an alert."""
    return ALERT_WORDS[language][word].format(**values)
