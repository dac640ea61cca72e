# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a record begins in a log, and what its first line says. Pure; the texts are bytes as they stand in the file.

| Written by | Looks like |
|---|---|
| Django's file handlers | ``[2026-02-25 13:35:40] ERROR - text``, ``[...] ERROR django.request - text`` |
| start scripts | ``[2026-02-24 13:33:04] ❌ ERROR: text`` |
| Celery | ``[2026-02-25 12:50:11,123: ERROR/MainProcess] text`` |
| Daphne | ``2026-02-25 12:50:11,123 INFO     text``; ``127.0.0.1:4711 - - [25/Feb/2026:12:50:11] "GET /" 500 145`` |
| gunicorn | ``[2026-02-25 12:50:11 +0200] [123] [ERROR] text`` |
| cloudflared | ``2026-02-25T12:50:11Z ERR text`` |
| PostgreSQL | ``2026-02-25 12:50:11.123 EET [123] user@database ERROR:  text`` |
| pgBouncer | ``2026-02-25 12:50:11.123 EET [123] WARNING C-0x55: database/user@host:port text`` |
| the monitor of PostgreSQL | ``2026-02-25T12:50:11+02:00 - FAIL - text`` |
| Redis, Valkey | ``123:M 25 Feb 2026 12:50:11.123 # text`` |
| ``journal_io.py``, for lines without a time of their own | ``@1772016611 ERROR text`` |

What nobody needs to look at is told in one pass of one expression, so that the rest of the program never sees it.
"""

from __future__ import annotations

import re

_DATE_TIME = rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d"
_ACCESS_TIME = rb"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d"
_ACCESS = rb"\S+ \S+ \S+ \[" + _ACCESS_TIME
_REDIS_TIME = rb"\d+:[A-Z] (\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)"
_SIGN = rb"(?:\xe2\x9d\x8c|\xe2\x9c[\x85\x94]|\xe2\x9a\xa0)"  # ❌ ✅ ✔ ⚠
_SERVER = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+ \[\d+\] "  # PostgreSQL and pgBouncer

# The newline before a line that somebody should look at. Each alternative is a form of line that nobody needs:
CANDIDATE = re.compile(
    rb"\n(?!"
    rb"\[.{19}\] (?:INFO|DEBUG)\b"  # Django
    rb"|[ \t\r\n](?! \+ Exception Group )"  # goes on from the line before
    rb"|\[.{23}: (?:INFO|DEBUG)/"  # Celery
    rb"|" + _ACCESS + rb'[^\]\n]*\] "[^"\n]*" [1-4]'
    # PostgreSQL: these belong to the error before, or are routine; a server process that died is told as LOG.
    rb"|" + _SERVER + rb"(?:[^\s@]*@\S* )?"
    rb"(?:LOG:  (?!server process|could not)|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION|INFO|NOTICE|DEBUG)"
    rb"|" + _SERVER + rb"(?:LOG (?![SC]-\S+ \S+ closing because: connect failed)|NOISE|DEBUG)"  # pgBouncer
    # cloudflared, Daphne, the monitor of PostgreSQL
    rb"|\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}(?:Z|[+-][\d:]{2,5})? (?:INF|DBG|INFO|DEBUG|- OK)\b"
    rb"|\[.{25}\] \[\d+\] \[(?:INFO|DEBUG)\]"  # gunicorn
    rb"|\d+:[A-Z] .{24} [-.*] "  # Redis
    rb"|@\d{10} (?:INFO|DEBUG) "
    rb")"
)

# A line that begins with one has no time of its own.
SIGN = re.compile(_SIGN)

# The newline before the next record, whatever it says.
NEXT = re.compile(rb"\n(?=\[?" + _DATE_TIME + rb"|" + _ACCESS + rb"|" + _REDIS_TIME + rb"|@\d{10} |" + _SIGN + rb")")

LEVELS = {
    b"CRITICAL": "critical", b"FATAL": "critical", b"PANIC": "critical", b"FTL": "critical",
    b"ERROR": "error", b"ERR": "error", b"FAIL": "error", b"EMERG": "critical",
    b"WARNING": "warning", b"WARN": "warning", b"WRN": "warning",
    b"LOG": "error",  # only those that CANDIDATE lets through
    b"INFO": "info", b"INF": "info", b"DEBUG": "info", b"DBG": "info", b"NOTICE": "info", b"OK": "info",
}  # fmt: skip
_LEVEL = rb"(" + rb"|".join(LEVELS) + rb")"

# 1: time, 2: zone, 3: level; the message begins where it ends.
DATED = re.compile(
    rb"\[?(" + _DATE_TIME + rb")(?:[.,]\d{1,9})?"
    rb"(?: ?(Z\b|[+-]\d\d(?::?\d\d)?\b|(?!" + _LEVEL[1:-1].replace(rb"|", rb"\b|") + rb"\b)[A-Z]{2,5}\b))?"
    rb"(?:\]|:(?= ))?(?: \[\d+(?:-\d+)?\])?(?: \[?[^\s\]@]*@[^\s\]]*\]?(?= [A-Z]))?"
    rb"(?: -)? ?(?:" + _SIGN + rb"(?:\xef\xb8\x8f)? ?)?\[?"
    rb"(?:" + _LEVEL + rb"\b(?:/[^\]\n]*)?\]?:? *(?:[\w.\-]+ - |- )?)?"
)
# 1: time; the message is the request and its status.
ACCESS = re.compile(rb"\S+ \S+ \S+ \[(" + _ACCESS_TIME + rb')[^\]\n]*\] "([A-Z]+ [^"\n]*)" (\d{3})')
REDIS = re.compile(_REDIS_TIME + rb"\.\d+ ([#.*-]) ")
STAMPED = re.compile(rb"@(\d{10}) (?:" + _LEVEL + rb" )?")

TRACEBACK = b"Traceback (most recent call last):"
GROUP_TRACEBACK = b"Exception Group " + TRACEBACK
# How a traceback begins a line.
BEGINS_TRACEBACK = (TRACEBACK, b"  + " + GROUP_TRACEBACK)
# A traceback without a line before it that has a time: with the exceptions that are chained to it.
BARE_TRACEBACK = re.compile(
    rb"(?:(?:"
    + re.escape(TRACEBACK)
    + rb"\r?\n(?:[ \t][^\n]*\n)*[^\n]*(?:\n(?:[ \t]|DETAIL:|HINT:|connection to server)[^\n]*)*"
    rb"|  \+ " + re.escape(GROUP_TRACEBACK) + rb"[^\n]*(?:\n  [^\n]*)*)"
    rb"(?:(?:\r?\n)+(?:During handling of the above|The above exception was)[^\n]*\n(?:\r?\n)*)?)+"
)
# What a disk leaves in a log when the power fails, and rotation by truncating: it stands where lines would.
NO_TEXT = b"\0"
NO_TEXTS = re.compile(rb"\0{8,}")
# After such a traceback: a whole line that is no part of it.
GOES_ON_ELSEWHERE = re.compile(rb"\n*[^\n]+\n")
# How a line without a time says that something failed, beside the signatures.
COMPLAINT = re.compile(
    _SIGN + rb"(?<!\xe2\x9c[\x85\x94])|(?:CRITICAL|ERROR|FATAL|PANIC|Fatal|Error)\b|error: |[\w.]+(?:Error|Exception): "
)
# A good backup's line has no time of its own; its file's name has.
BACKUP_TIME = re.compile(rb"(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)")
