# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence and its translation stand each on one line
"""The sentences of the incident report's command in Arabic, by their English templates: a part of ``arabic_texts.py``."""

from __future__ import annotations

# fmt: off
INCIDENT_TEXTS: dict[str, str] = {
    "cannot use the signatures of this site":
        "لا يمكن استخدام بصمات هذا الموقع",
    "Correct incident_report_signatures in the inventory; docs/incident-report.md has an example":
        "صحِّح incident_report_signatures في المخزون (inventory)؛ وفي docs/incident-report.md مثال",
    'there is no time zone "{name}" on this host':
        'لا توجد منطقة زمنية باسم "{name}" على هذا المضيف',
    "timezone names none that it knows":
        "الاسم في timezone غير معروف لديه",
    "Write it as timedatectl list-timezones does, and install tzdata where it is missing":
        "اكتبها كما يعرضها timedatectl list-timezones، وثبِّت tzdata إن لم تكن موجودة",
    "it ends before it should: {error}":
        "ينتهي قبل أوانه: {error}",
    "only the first {size} bytes of text could be read: {error}":
        "لم يُقرأ منه إلا أول {size} بايت من النص: {error}",
    "{count} entries could not be read":
        "مدخلات تعذّرت قراءتها: {count}",
    "it has no entries of this period":
        "ليس فيه مدخلات من هذه الفترة",
    "this user sees its own messages only: run it as root, or as a member of the group systemd-journal":
        "لا يرى هذا المستخدم إلا رسائله: نفِّذ الأمر بالمستخدم root أو بعضو في المجموعة systemd-journal",
    "the pattern of this signature takes too long on what the logs hold: from there on it was not looked for":
        "نمط هذه البصمة يستغرق وقتًا طويلًا جدًا مع ما في السجلات، فلم يُبحث عنها بعد ذلك",
    "{count} records bear a time that has not come yet: compare the host's clock and incident_report_timezone":
        "سجلات عددها {count} تحمل وقتًا لم يأتِ بعد: راجع ساعة المضيف و incident_report_timezone",
    "only the last {shown} of {total} are named: {often} alone has started {count} times":
        "ذُكر آخر {shown} من أصل {total} فقط: {often} وحدها بدأت {count} مرة",
    "starts of units":
        "أوقات تشغيل الوحدات",
    "the host could not be asked":
        "تعذّر سؤال هذا المضيف",
    "its services could not be measured":
        "تعذّر قياس خدماته",
    "there is no report":
        "لا تقرير",
    "no host could be asked":
        "تعذّر سؤال أيٍّ من المضيفات",
    "Look at what failed above, correct it and run this again":
        "انظر ما أخفق أعلاه وصحِّحه ثم أعد التنفيذ",
    "there is no such file":
        "لا يوجد مثل هذا الملف",
    "it was emptied while the logs were read":
        "أُفرغ أثناء قراءة السجلات",
    "it was rotated while the logs were read: run the report again":
        "دُوِّر أثناء قراءة السجلات: أعد تنفيذ التقرير",
    "it is no regular file":
        "ليس ملفًا عاديًا",
    "zstd is not installed (apt-get install zstd)":
        "برنامج zstd غير مثبَّت (apt-get install zstd)",
    "zstd gave no output":
        "لم يُخرج zstd شيئًا",
    "zstd says that it is damaged":
        "يقول zstd إنه تالف",
    "Permission denied":
        "لا صلاحية لقراءته",
    "journalctl gave no output":
        "لم يُخرج journalctl شيئًا",
    "journalctl ended with status {status}":
        "انتهى journalctl بحالة الخروج {status}",
    "cannot read the result of a host":
        "تعذّرت قراءة نتيجة أحد المضيفات",
    "it is not of this version's form ({problem})":
        "صيغتها ليست صيغة هذا الإصدار ({problem})",
    "Run the report anew, so that all hosts have the same version":
        "أعد تنفيذ التقرير كي يكون على المضيفات كلها الإصدار نفسه",
    "what was found is not remembered":
        "لم يُحفظ ما وُجد للمقارنة به لاحقًا",
    "Run it as a user who may write there, or with --no-remember; the report itself is complete":
        "نفِّذه بمستخدم يحق له الكتابة هناك، أو بالخيار --no-remember؛ أما التقرير نفسه فكامل",
    '"{text}" is no time':
        '"{text}" ليس وقتًا',
    "it is neither a date nor a length of time":
        "ليس تاريخًا ولا مدة",
    'Write it as "2026-02-24", "2026-02-24 13:30", "2026-02-24T11:30Z", or as so long ago: "90m", "12h", "3d", "2w"':
        'اكتبه بصيغة "2026-02-24" أو "2026-02-24 13:30" أو "2026-02-24T11:30Z"، أو مدةً مضت: "90m" أو "12h" أو "3d" أو "2w"',
    "the period is empty":
        "الفترة فارغة",
    "it begins when it ends or later":
        "بدايتها عند نهايتها أو بعدها",
    "Give an earlier time for since":
        "اختر لبدايتها (since) وقتًا أسبق",
    "Name a file that can be written":
        "اذكر ملفًا يمكن الكتابة فيه",
}
# fmt: on
