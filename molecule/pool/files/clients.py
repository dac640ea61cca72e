"""Clients as Django behind a transaction pool is one: a connection for each request, some of which take 3 s.

They come while /run/pool-clients is there, which this makes, and print what they met.
"""

import json
import threading
import time
from pathlib import Path

import psycopg2

RUNNING = Path("/run/pool-clients")
CLIENTS = 20
SLOW_CLIENTS = 4
counts = {"answered": 0, "refused": 0, "lost": 0}
lock = threading.Lock()


def note(what):
    with lock:
        counts[what] += 1


def client(number):
    while RUNNING.exists():
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=6432)
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            if number < SLOW_CLIENTS:
                connection.commit()
                time.sleep(1.5)  # outside a transaction, as between two statements of a request
                cursor.execute("SELECT pg_sleep(1.5)")
            connection.commit()
            connection.close()
            note("answered")
        except psycopg2.Error as error:
            note("refused" if "refused" in str(error) else "lost")
        time.sleep(0.2)


RUNNING.touch()
clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
for one in clients:
    one.start()
for one in clients:
    one.join()
print(json.dumps(counts))
