# SPDX-License-Identifier: GPL-3.0-or-later
"""Celery's own command line, with two additions; takes the arguments of ``celery``.

systemd is told when the worker is ready: Celery's ``worker_ready`` fires when the worker consumes from its queues. A
PID file proves less, and a ping is not answered while the solo pool works on a task.

On a Redis broker the messages in hand are kept under this worker's own name. After ``kill -9`` the next start of the
same worker puts them back at once; Celery's shared list cannot tell whose they are and waits for the visibility
timeout, an hour. What lies in another list for longer than that timeout (a host that never came back) is put back too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from celery.__main__ import main
from celery.signals import celeryd_init, worker_ready, worker_shutting_down
from erp_notify import note_start, notify

STARTED = time.monotonic()
INDEX, MESSAGES, MUTEX = "unacked_index", "unacked", "unacked_mutex"


@celeryd_init.connect(weak=False)
def keep_messages_apart(sender: str, instance: Any, conf: Any, **_: object) -> None:
    """Name this worker's own list of messages in hand, and put back what a killed worker left there."""
    url = str(conf.broker_read_url or conf.broker_url or "")
    if not url.startswith(("redis:", "rediss:", "redis+", "unix:")):
        return
    options = dict(conf.broker_transport_options or {})
    if INDEX + "_key" not in options:
        options |= {f"{name}_key": f"{name}:{sender}" for name in (INDEX, MESSAGES, MUTEX)}
        conf.broker_transport_options = options
    try:
        restored = put_back(instance.app)
    except Exception as error:  # whatever the broker says: a worker that cannot look must still start and wait for it
        print(f"{sender}: could not look for messages of a killed worker: {error}", file=sys.stderr)
        return
    if restored:
        note_start(f"Celery worker {sender}: {restored} messages of a killed worker are back in their queues")


def put_back(app: Any) -> int:
    """Return to their queues: all messages of this worker, and of others those past the visibility timeout."""
    count = 0
    with app.connection_for_write(connect_timeout=5) as connection:
        connection.ensure_connection(max_retries=1)
        channel = connection.default_channel
        own = channel.unacked_index_key
        for index, suffix in index_keys(channel):
            latest = "+inf" if index == own else time.time() - channel.visibility_timeout
            channel.unacked_index_key, channel.unacked_key = index, MESSAGES + suffix
            for tag in channel.client.zrangebyscore(index, "-inf", latest):
                channel.qos.restore_by_tag(tag.decode() if isinstance(tag, bytes) else tag, channel.client)
                count += 1
    return count


def index_keys(channel: Any) -> Iterator[tuple[str, str]]:
    """The index of every worker's messages in hand, with the suffix that its other keys have too."""
    prefix = getattr(channel, "global_keyprefix", "") or ""
    for key in list(channel.client.scan_iter(match=f"{prefix}{INDEX}*", count=1000)):
        name = (key.decode() if isinstance(key, bytes) else key).removeprefix(prefix)
        yield name, name.removeprefix(INDEX)


@worker_ready.connect(weak=False)
def tell_ready(sender: Any, **_: object) -> None:
    """The worker consumes."""
    notify("READY=1")
    note_start(f"Celery worker {sender.hostname} is ready after {time.monotonic() - STARTED:.1f} s")


@worker_shutting_down.connect(weak=False)
def tell_stopping(**_: object) -> None:
    """The worker finishes its task and goes."""
    notify("STOPPING=1")


if __name__ == "__main__":
    sys.exit(main())
