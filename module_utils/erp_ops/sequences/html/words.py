# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's words in both languages, on top of the command's (pure)."""

from __future__ import annotations

from typing import Any

from ...language import ARABIC, ENGLISH
from ..command import words as command
from ..model import CRITICAL, HEALTHY, UNKNOWN, WARNING

WORDS: dict[str, dict[str, str]] = {
    ENGLISH: {
        "title": "Sequences of {database}",
        "checked": "Checked",
        "contents": "On this page",
        "cause": "Why",
        "stale": "This page is more than a day old. Look whether the monitor runs:",
        "theme": "Appearance",
        "theme_auto": "System",
        "theme_light": "Light",
        "theme_dark": "Dark",
        f"state_{CRITICAL}": "Inserts fail now, or will soon. Begin with the first step below.",
        f"state_{UNKNOWN}": "Some sequences could not be checked, and any of them could be critical.",
        f"state_{WARNING}": "Nothing fails now, but something deserves a look.",
        f"state_{HEALTHY}": "Every sequence gives a free number.",
        "glance": "At a glance",
        "shares": "{critical} critical, {unknown} unknown, {warning} warning, {healthy} healthy, {skipped} left alone",
        "first_end": "First to run out",
        "first_end_none": "None in sight, as far as the history tells.",
        "last_repair": "Last repair",
        "last_repair_none": "None since the history began.",
        "last_failure": "Last check that failed",
        "last_failure_none": "None since the history began.",
        "no_history": "There is no history yet: each monitor run and each check adds to it.",
        "days": "The last {count} days, by the worst that a check found",
        "day": "{date}: {severity}",
        "day_none": "{date}: no check",
        "steps": "What to do first",
        "steps_none": "Nothing. Every sequence gives a free number.",
        "do_soon": "nothing to warn of yet, but at the present rate the first of these runs out on {until}. Plan to "
        "widen the column to bigint; see",
        "do_unknown": "some could not be checked. The table below says why, and what to do. Then check again",
        "and_more": "and {count} more",
        "copy": "Copy",
        "copied": "Copied",
        "table": "All sequences",
        "shown": "{shown} of {total} sequences are on this page, those in trouble first, then those nearest to their "
        "limit. The rest is shown by:",
        "shown_all": "All {total} sequences, those in trouble first.",
        "filter": "Filter by name",
        "filter_severity": "Severities",
        "matches": "{shown} of {total} rows",
        "no_match": "No row matches this filter.",
        "per_day": "a day",
        "exhausted_on": "runs out",
        "exhausted_now": "now",
        "in_days": "in {days}",
        "in_years": "in about {years}",
        "why": "What to do",
        "growth": "Growth",
        "growth_intro": "Rates of the last eight weeks, without repairs, restores and single imports. Time runs from "
        "left to right; the dashed line goes on at that rate.",
        "growth_none": "There are no rates: they need a week of checks up to now, and a sequence that grows.",
        "growth_more": "The {shown} nearest to their end of {total} that grow.",
        "chart": "{sequence}: {first} on {from}, {last} on {to}; {rate} a day, {end}",
        "chart_end": "runs out on {date}",
        "chart_endless": "no end in sight",
        "of_limit": "of {limit}",
        "chart_limit": "limit",
        "chart_today": "today",
        "rate": "{rate} a day, over {days}",
        "repairs": "What was repaired",
        "repairs_none": "Nothing was repaired since the history began.",
        "repairs_more": "The newest {shown} of {total}; the others are in history.jsonl.",
        "when": "when",
        "by": "by",
        "read": "How to read this",
        "meaning_critical": "the next insert gets a number that is taken, or there is none left, or hardly any.",
        "meaning_unknown": "it could not be read. It could be critical.",
        "meaning_warning": "nothing fails. Numbers were skipped, or most of them are used up.",
        "meaning_skipped": "it gives no integers to a column, or starts again by design.",
        "history": "{checks} checks since {since} are in the history.",
        "made_by": "Written by {program}. This page asks no server for anything.",
    },
    ARABIC: {
        "title": "تسلسلات {database}",
        "checked": "وقت الفحص",
        "contents": "في هذه الصفحة",
        "cause": "السبب",
        "stale": "عمر هذه الصفحة أكثر من يوم. تأكد من أن المراقبة تعمل:",
        "theme": "المظهر",
        "theme_auto": "تلقائي",
        "theme_light": "فاتح",
        "theme_dark": "داكن",
        f"state_{CRITICAL}": "عمليات الإضافة تفشل الآن أو ستفشل قريبًا. ابدأ بالخطوة الأولى أدناه.",
        f"state_{UNKNOWN}": "تعذّر فحص بعض التسلسلات، وقد يكون أيٌّ منها حرجًا.",
        f"state_{WARNING}": "لا شيء يفشل الآن، لكن هناك ما يستحق النظر.",
        f"state_{HEALTHY}": "كل تسلسل يعطي رقمًا غير مستخدم.",
        "glance": "نظرة عامة",
        "shares": "حرج {critical}، غير معروف {unknown}، تحذير {warning}، سليم {healthy}، متروك {skipped}",
        "first_end": "أول ما ستنفد أرقامه",
        "first_end_none": "لا شيء في المدى المنظور، بحسب سجل الفحوص.",
        "last_repair": "آخر إصلاح",
        "last_repair_none": "لا إصلاح منذ بداية سجل الفحوص.",
        "last_failure": "آخر فحص أخفق",
        "last_failure_none": "لم يخفق أي فحص منذ بداية سجل الفحوص.",
        "no_history": "لا سجل للفحوص بعد: تضيف إليه كل مراقبة وكل فحص.",
        "days": "حصيلة آخر {count} يومًا: أسوأ ما وجده الفحص في كل يوم",
        "day": "{date}: {severity}",
        "day_none": "{date}: بلا فحص",
        "steps": "ما ينبغي فعله أولًا",
        "steps_none": "لا شيء. كل تسلسل يعطي رقمًا غير مستخدم.",
        "do_soon": "لم تبلغ حدّ التحذير بعد، لكن أرقام أولها ستنفد بالمعدل الحالي يوم {until}. خطِّط لتوسيع العمود إلى "
        "bigint؛ انظر:",
        "do_unknown": "تعذّر فحص بعضها. السبب والعلاج في الجدول أدناه؛ نفِّذه ثم افحص من جديد",
        "and_more": "وغيرها ({count})",
        "copy": "نسخ",
        "copied": "تم النسخ",
        "table": "كل التسلسلات",
        "shown": "في هذه الصفحة {shown} من أصل {total} من التسلسلات: ما فيه مشكلة أولًا، ثم الأقرب إلى حدوده. وما بقي "
        "يظهر بالأمر:",
        "shown_all": "التسلسلات كلها ({total})، وما فيه مشكلة أولًا.",
        "filter": "التصفية بالاسم",
        "filter_severity": "درجات الخطورة",
        "matches": "الصفوف الظاهرة: {shown} من {total}",
        "no_match": "لا صفوف تطابق هذه التصفية.",
        "per_day": "في اليوم",
        "exhausted_on": "موعد النفاد",
        "exhausted_now": "الآن",
        "in_days": "بعد {days}",
        "in_years": "بعد نحو {years}",
        "why": "ما ينبغي فعله",
        "growth": "النمو",
        "growth_intro": "معدلات آخر ثمانية أسابيع، دون احتساب الإصلاحات والاستعادة وعمليات الاستيراد المنفردة. الزمن "
        "من اليسار إلى اليمين، والخط المتقطع امتداد بالمعدل نفسه.",
        "growth_none": "لا معدلات: يلزمها أسبوع من الفحوص المستمرة حتى الآن، وتسلسل ينمو.",
        "growth_more": "الأقرب إلى النفاد: {shown} من أصل {total} في نمو.",
        "chart": "{sequence}: {first} يوم {from}، ثم {last} يوم {to}؛ {rate} في اليوم، {end}",
        "chart_end": "تنفد أرقامه يوم {date}",
        "chart_endless": "لا نفاد في المدى المنظور",
        "of_limit": "من {limit}",
        "chart_limit": "الحد",
        "chart_today": "اليوم",
        "rate": "{rate} في اليوم، على مدى {days}",
        "repairs": "ما أُصلح",
        "repairs_none": "لم يُصلَح شيء منذ بداية سجل الفحوص.",
        "repairs_more": "أحدث {shown} من أصل {total}؛ والباقي في history.jsonl.",
        "when": "الوقت",
        "by": "بواسطة",
        "read": "كيف تُقرأ هذه الصفحة",
        "meaning_critical": "الإضافة القادمة تأخذ رقمًا مستخدمًا، أو لم تبق أرقام، أو كادت تنفد.",
        "meaning_unknown": "تعذّرت قراءته، وقد يكون حرجًا.",
        "meaning_warning": "لا شيء يفشل، لكن أرقامًا لم تُستخدم، أو استُهلك معظمها.",
        "meaning_skipped": "لا يعطي عمودًا أعدادًا صحيحة، أو صُمِّم ليبدأ من جديد.",
        "history": "عدد الفحوص في السجل: {checks}، منذ {since}.",
        "made_by": "أعدّها {program}. ولا تتصل هذه الصفحة بأي خادم.",
    },
}

# By the rules of Unicode's CLDR: Arabic has six forms, of which nought is not needed here.
_FORMS: dict[str, dict[str, tuple[str, ...]]] = {
    ENGLISH: {"days": ("{n} day", "{n} days"), "years": ("{n} year", "{n} years")},
    ARABIC: {
        # one, two, 3 to 10, 11 to 99, the hundreds; after a preposition, as all places here have it.
        "days": ("يوم واحد", "يومين", "{n} أيام", "{n} يومًا", "{n} يوم"),
        "years": ("سنة واحدة", "سنتين", "{n} سنوات", "{n} سنة", "{n} سنة"),
    },
}


def say(language: str, word: str, **values: Any) -> str:
    """A word or sentence of the report or of the command."""
    if word in WORDS[language]:
        return WORDS[language][word].format(**values)
    return command.say(language, word, **values)


def counted(language: str, what: str, number: int) -> str:
    """So many ``days`` or ``years``, as the language counts them. ``number``: at least 1."""
    return _FORMS[language][what][_form(language, number)].format(n=f"{number:,}")


def _form(language: str, number: int) -> int:
    if language == ENGLISH:
        return 0 if number == 1 else 1
    if number <= 2:  # noqa: PLR2004 - singular and dual
        return number - 1
    rest = number % 100
    return 2 if 3 <= rest <= 10 else 3 if 11 <= rest <= 99 else 4  # noqa: PLR2004 - CLDR's few, many, other
