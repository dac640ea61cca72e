# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets and personal data out of what a report quotes. Pure.

It errs on the side of hiding: what looks like a token is one. What a person needs stays: numbers of rows, names of
constraints, units, addresses of hosts, paths, times.
"""

from __future__ import annotations

import re
from collections.abc import Callable

HIDDEN = "***"

# What the name of a secret has in it.
_SENSITIVE = (
    r"password|passwd|passphrase|pwd|secret|token|credential|cookie|sessionid|csrf\w*|authorization"
    r"|(?:api|access|auth|private|signing|encryption|master|licen[sc]e)[-_ ]?key"
    r"|(?<![^\W_])(?:pass|otp|pin|cvv)(?![^\W_])"
    r"|كلمة (?:ال)?(?:مرور|سر)|(?:ال)?(?:رقم|رمز) (?:ال)?سري|رمز (?:ال)?(?:تحقق|تفعيل|دخول)|(?:ال)?باسورد|(?:ال)?توكن"
)
# What the name of a column has in it whose values are a person's.
_PERSON = r"name|mail|phone|mobile|tel|address|national|iban|card|birth"
_PERSONAL = re.compile(rf"(?i){_SENSITIVE}|{_PERSON}")
_SCHEMES = r"(?:(?:bearer|basic|token|digest)\s+)?"
# Whole, in brackets, in quotes that a string has escaped, in quotes that may not end, or up to where a value ends.
_VALUE = (
    r"""(?:[\[(][^\])\n]*[\])]?|\\+"[^"\n]*"?|b?"(?:[^"\\\n]|\\.)*"?|b?'(?:[^'\\\n]|\\.)*'?|«[^»\n]*»?"""
    r"""|(?!\*\*\*|(?:bearer|basic|token|digest)\s|Traceback )[^\s,;&}\])"'<]+)"""
)
# Numbers as people type them, and as a database has them.
_GAP = r"[ \u00a0().-]{0,2}"
_ALONE, _ENDS = r"(?<![A-Za-z0-9_.+-])", r"(?![A-Za-z0-9_])"
_KEPT = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?|null|[tf]|\d{4}-\d\d-\d\d[ T][\d:.+-]+")


def _key(found: re.Match[str]) -> str:
    columns, values = found.groups()
    return f"Key ({columns})=({HIDDEN if _PERSONAL.search(columns) else values})"


def _row(found: re.Match[str]) -> str:
    values = found.group(2).split(", ")
    return found.group(1) + ", ".join(one if _KEPT.fullmatch(one) else HIDDEN for one in values) + found.group(3)


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # Keys in lines of base64; one that a sample has the end of only.
    (re.compile(r"(?s)-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END[^\n]*|\Z)"), HIDDEN),
    (re.compile(r"(?m)^\s*[A-Za-z0-9+/]{48,}={0,2}\r?$"), HIDDEN),
    # What PostgreSQL says of rows.
    (re.compile(r"(?s)(Failing row contains \()(.*?)(\)\.(?=\s|$)|\)?\Z)"), _row),
    (re.compile(r"\bKey \(([^\n]{1,300}?)\)=\(([^\n]*?)\)(?=[ .\r\n]|$)"), _key),
    (re.compile(r'(\bCOPY [^\n:]{1,200}, line \d+[^\n:]{0,100}: )"[^\n]*'), rf'\1"{HIDDEN}"'),
    # A port is no password.
    (re.compile(r"""(://[^\s:/@"'<>]{0,100}):(?!\d{1,5}/)[^\s"'<>]{1,200}@"""), rf"\1:{HIDDEN}@"),
    # Headers, to their end.
    (
        re.compile(
            rf"""(?i)((?<![\w-])(?:(?:proxy-)?authorization|(?:set-)?cookie)\s*:\s*{_SCHEMES})(?!\*\*\*)"""
            r"""(?:(?<=digest )[^\n]*|[^\s"'][^\n"']*)"""
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic|token)\s+(?:(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{20,})"), rf"\1 {HIDDEN}"),
    # name=value, name: value, "name": "value", \"name\": \"value\", X-Sync-API-Key: value, كلمة المرور: value
    (
        re.compile(
            rf"""(?i)((?<![\w-])[\w-]*(?:{_SENSITIVE})[\w-]*(?<!error)(?<!exception)(?<!warning)\\*["']?\s*(?:=>|[=:])\s*)"""
            + _VALUE
        ),
        rf"\1{HIDDEN}",
    ),
    # Tokens that tell by their form what they are; hashes of passwords; the secret part of a link that was mailed.
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:gh[opsu]_|github_pat_|glpat-|xox[abprs]-|[spr]k_(?:live|test)_|AKIA|AIza)[\w-]{8,}"), HIDDEN),
    (re.compile(r"\b(?:pbkdf2_\w{1,20}|argon2\w{0,4}|bcrypt\w{0,10}|scrypt|SCRAM-SHA-256)\$\S+"), HIDDEN),
    (re.compile(r"\$(?:2[aby]|[156y])\$[\w./$=,+-]{10,}"), HIDDEN),
    (re.compile(r"(/(?:reset|activate|confirm|verify|invite)[\w-]*/(?:[\w=-]{1,24}/)?)[\w:=.-]{16,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(hooks\.slack\.com/services/|/bot(?=\d+:))[\w:/-]+"), rf"\1{HIDDEN}"),
    # A unit of systemd with an instance, a worker of Celery and a role at an address of a host are nobody's address.
    (
        re.compile(
            r"(?<![\w.+-])(?!celery@)[\w.+-]+(?:@|%40)(?![\w-]+\.(?:service|socket|timer|target|slice)\b(?![.\w]))"
            r"[\w-]+(?:\.[\w-]+)*\.[^\W\d][\w-]*"
        ),
        f"{HIDDEN}@{HIDDEN}",
    ),
    # International; mobile numbers and land lines of Egypt, with or without separators, in Arabic digits too.
    (re.compile(rf"(?:{_ALONE}(?<!\d:)(?:\+|00|٠٠)|%2[Bb])\d(?:{_GAP}\d){{8,13}}{_ENDS}"), HIDDEN),
    (re.compile(rf"{_ALONE}(?:\([0٠][1١][0125٠١٢٥]\)|[0٠][1١][0125٠١٢٥])(?:{_GAP}\d){{8}}{_ENDS}"), HIDDEN),
    (re.compile(rf"{_ALONE}(?:20|٢٠)[1١][0125٠١٢٥]\d{{8}}{_ENDS}"), HIDDEN),
    (re.compile(r"(?<![A-Za-z0-9_.:/+-])0[2-9]\d?[ -]?\d{7,8}(?![A-Za-z0-9_])"), HIDDEN),
    (re.compile(r"(?<![٠-٩])[٠-٩]{10,14}(?![٠-٩])"), HIDDEN),
    # Egypt's national ID: century, date of birth, and seven more.
    (re.compile(rf"{_ALONE}[23]\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{7}}{_ENDS}"), HIDDEN),
    # Long runs of letters and digits without a word in them: keys, hashes, session IDs. A database's names have words.
    (
        re.compile(
            r"(?<![\w/.-])(?![a-z0-9]{1,24}(?:_[a-z0-9]{1,24}){2,}(?![\w+=-]))"
            r"(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[A-Za-z0-9+_-]{32,}={0,2}(?![\w/.])"
        ),
        HIDDEN,
    ),
)


def masked(text: str) -> str:
    """The text without what must not leave the host."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
