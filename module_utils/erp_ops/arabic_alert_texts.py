# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: E501 - a sentence and its translation stand each on one line
"""What can go wrong with alerts, history and metrics, in Arabic. Part of the catalogue in ``arabic_texts.py``."""

from __future__ import annotations

# fmt: off
MAIL = {
    "cannot send mail through {host} port {port}":
        "تعذّر إرسال البريد عبر {host} المنفذ {port}",
    'cannot read the mail password in "{path}"':
        'تعذّرت قراءة كلمة مرور البريد من "{path}"',
    "Write it there, readable for the user who runs this: mail_password_file names the file":
        "اكتبها فيه بحيث يقرؤه المستخدم الذي ينفِّذ الأمر: اسم الملف في mail_password_file",
    "mail_user is set and mail_security is none, so its password could be read on the way":
        "حُدِّد mail_user مع أن mail_security هو none، فيمكن التقاط كلمة المرور في الطريق",
    "Set mail_security to starttls or tls":
        "اجعل mail_security مساويًا starttls أو tls",
    "its certificate is not trusted ({why})":
        "شهادته غير موثوقة ({why})",
    "Write in mail_host the name that the certificate has; the certificate of an authority of your own goes to "
    "/usr/local/share/ca-certificates, then run: update-ca-certificates":
        "اكتب في mail_host الاسم الوارد في الشهادة؛ وإن كانت الجهة المُصدِرة خاصة بكم فضع شهادتها في "
        "/usr/local/share/ca-certificates ثم نفِّذ: update-ca-certificates",
    "Correct mail_security: tls is for port 465, starttls for port 587":
        "صحِّح mail_security: القيمة tls للمنفذ 465، و starttls للمنفذ 587",
    "Check mail_host, mail_port and mail_security (tls for port 465), that the server is up, and that no firewall is in the way; the next check tries again":
        "راجع mail_host و mail_port و mail_security (tls للمنفذ 465)، وتأكد من أن الخادم يعمل وأن جدار الحماية لا يحجبه؛ سيحاول الفحص التالي من جديد",
    "Correct the addresses in mail_from and mail_to":
        "صحِّح العناوين في mail_from و mail_to",
    "Correct mail_user, or the password that mail_password_file names":
        "صحِّح mail_user، أو كلمة المرور في الملف المذكور في mail_password_file",
    "Correct mail_from: the server does not send in that name":
        "صحِّح mail_from: الخادم لا يرسل بهذا العنوان",
    "mail_user or its password holds letters other than ASCII":
        "في mail_user أو كلمة مروره محارف من خارج ASCII",
    "Correct both":
        "صحِّحهما",
    "Correct mail_host":
        "صحِّح mail_host",
    "it is not of the form name@example.com, one recipient to an item":
        "ليس على صورة name@example.com، ولكل مستلم بند مستقل",
    "Correct mail_to":
        "صحِّح mail_to",
    "some recipients get no mail ({names})":
        "لا يصل البريد إلى بعض المستلمين ({names})",
    "Look the answer up in the mail server's documentation, or ask whoever runs it":
        "ابحث عن هذا الرد في توثيق خادم البريد، أو اسأل من يديره",
    "Leave mail_user empty where the server wants no login, or set mail_security to starttls or tls":
        "اترك mail_user فارغًا إن كان الخادم لا يطلب تسجيل دخول، أو اجعل mail_security مساويًا starttls أو tls",
    "Correct mail_security (tls for port 465), or have STARTTLS switched on at the server":
        "صحِّح mail_security (tls للمنفذ 465)، أو اطلب تفعيل STARTTLS على الخادم",
}

WEBHOOK = {
    'cannot use the webhook in "{path}"':
        'لا يمكن استخدام عنوان الويب هوك (webhook) في "{path}"',
    "it holds no address":
        "ليس فيه عنوان",
    "it holds no address that begins with https://":
        "ليس فيه عنوان يبدأ بـ https://",
    "it is no address that can be used":
        "ليس عنوانًا صالحًا",
    "Write the address there, readable for the user who runs this: webhook_url_file names it":
        "اكتب العنوان فيه بحيث يقرؤه المستخدم الذي ينفِّذ الأمر: اسم الملف في webhook_url_file",
    "Write the whole address there":
        "اكتب العنوان كاملًا في هذا الملف",
    "cannot reach the webhook of {host}":
        "تعذّر الوصول إلى الويب هوك (webhook) في {host}",
    "the webhook of {host} refused the message":
        "رفض الويب هوك (webhook) في {host} الرسالة",
    "Correct the address; the certificate of an authority of your own goes to /usr/local/share/ca-certificates, then run: update-ca-certificates":
        "صحِّح العنوان؛ وإن كانت الجهة المُصدِرة خاصة بكم فضع شهادتها في /usr/local/share/ca-certificates ثم نفِّذ: update-ca-certificates",
    "Check that the host may go there (DNS, firewall, proxy); the next check tries again":
        "تأكد من أن المضيف يستطيع الوصول إليه (DNS، جدار الحماية، الوكيل)؛ سيحاول الفحص التالي من جديد",
    "Nothing to do at first: the next check tries again":
        "لا يلزم شيء الآن: سيحاول الفحص التالي من جديد",
    "Have a new webhook made there, and write its address into the file that webhook_url_file names":
        "أنشئ عنوانًا جديدًا في تلك الخدمة، واكتبه في الملف المذكور في webhook_url_file",
    "Look the answer up in the documentation of that service; webhook_format must be the one it wants":
        "ابحث عن هذا الرد في توثيق تلك الخدمة؛ ويجب أن يكون webhook_format هو ما تطلبه",
}

DELIVERY = {
    "cannot send the alert":
        "تعذّر إرسال التنبيه",
    "no answer within {seconds} seconds":
        "لم يصل رد خلال المهلة (بالثواني: {seconds})",
    "Check that the name of its server is known and that the server answers; the next check tries again":
        "تأكد من أن اسم الخادم معروف وأن الخادم يجيب؛ سيحاول الفحص التالي من جديد",
    "Report this as a defect":
        "هذا خلل في البرنامج: أبلغ عنه",
    "nobody is alerted":
        "لن يصل التنبيه إلى أحد",
    "no channel is configured":
        "لم تُضبط أي وسيلة للتنبيه",
    "Set mail_host and mail_to, or webhook_url_file":
        "اضبط mail_host و mail_to، أو webhook_url_file",
    "it is not remembered what was alerted, so each check alerts anew":
        "لا يُحفظ ما نُبِّه إليه، فسيرسل كل فحص تنبيهًا جديدًا",
    "no state_directory is configured":
        "لم يُضبط state_directory",
    "Set state_directory":
        "اضبط state_directory",
    "it cannot be remembered what was alerted, so it may be alerted again":
        "تعذّر حفظ ما نُبِّه إليه، فقد يتكرر التنبيه",
}

RECORDS = {
    "the history was not written":
        "لم يُكتب سجل الفحوص",
    "the metrics were not written":
        "لم تُكتب القياسات (metrics)",
    "Correct the folder, its owner or its disk; everything else went on":
        "صحِّح المجلد أو مالكه أو وضع القرص؛ وما عدا ذلك تمّ",
}

ALERT_TEXTS: dict[str, str] = {**MAIL, **WEBHOOK, **DELIVERY, **RECORDS}
# fmt: on
