# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks several hosts for their health, again and again, until a file appears; then says how often nobody answered.

usage: watch_answers.py STOP_FILE RESULT_FILE URL...
RESULT_FILE becomes JSON: rounds, and for each URL and for all of them at once how many rounds were without an answer.
"""

import json
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 10


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - the scenario names it
            return answer.status == 200  # noqa: PLR2004
    except OSError:
        return False


def main():
    stop, result, urls = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    silent = dict.fromkeys(urls, 0)
    rounds = nobody = 0
    with ThreadPoolExecutor(len(urls)) as pool:
        while not stop.exists():
            answered = dict(zip(urls, pool.map(answers, urls), strict=True))
            rounds += 1
            nobody += not any(answered.values())
            for url, good in answered.items():
                silent[url] += not good
            time.sleep(PAUSE_SECONDS)
    result.write_text(json.dumps({"rounds": rounds, "nobody": nobody, "silent": silent}))


main()
