# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-019: what KV refuses arrives in the end. On the reference ERP before and after its patch, against a stand-in.

The window is shorter than KV's minute, on both sides: 1000 writes in 2 s. The second between a key's writes is one.
"""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.reference_erp import ReferenceErp, with_django
from tests.waiting import wait_for
from tests.workers_endpoint import API_KEY, WRITES, Namespace, workers_endpoint

WINDOW = 2.0
KEY_SECONDS = 1.0
REFUSAL = 'ERROR - Cloudflare sync failed: 500 - {"error":"KV PUT failed: 429 Too Many Requests","mode":"production"}'

PRODUCTS = """
import time
from inventory.models import Product
from public.cloudflare_sync import CloudflareSync
sync = CloudflareSync()
def product(number, price=10): return Product(code=f"FAB-{number:05}", name="كتان بيج", price=price)
def products(first, last, price=10): return [product(number, price) for number in range(first, last)]
"""
READY_WORKER = """
import public.tasks
from celery.signals import worker_ready
worker_ready.send(None)
time.sleep(60)
"""

StartedErp = tuple[ReferenceErp, Namespace]


@pytest.fixture
def connected(make_erp: Callable[..., ReferenceErp]) -> Iterator[Callable[..., StartedErp]]:
    """``connected("BUG-019")``: a copy of the ERP and the namespace that it writes to."""
    with ExitStack() as stack:

        def connect(*patches: str, status: int = 500, **environment: str) -> StartedErp:
            namespace = Namespace(WINDOW, KEY_SECONDS, status)
            settings = {
                "CLOUDFLARE_WORKER_URL": stack.enter_context(workers_endpoint(namespace)),
                "CLOUDFLARE_SYNC_API_KEY": API_KEY,
                "CLOUDFLARE_KV_WINDOW": str(WINDOW),
                "CLOUDFLARE_KV_KEY_SECONDS": str(KEY_SECONDS),
            }
            return make_erp(*patches, **(settings | environment)), namespace

        yield connect


def newest_values(namespace: Namespace) -> int:
    """How many of the newer prices have arrived."""
    return sum(value["price"] == "20" for value in list(namespace.values.values()))


def test_more_than_the_window_takes_is_given_up_before_and_paced_after(connected: Callable[..., StartedErp]) -> None:
    code = f"{PRODUCTS}say(sync.sync_products(products(0, 1600)))"

    erp, namespace = connected()
    assert erp.tell(code) is False
    assert len(namespace.values) == WRITES
    assert namespace.requests == 1
    assert REFUSAL in erp.log()

    erp, namespace = connected("BUG-019")
    assert erp.tell(code) is True
    assert len(namespace.values) == 1600
    assert namespace.refused == 0
    assert 0.3 * WRITES < namespace.most_in_a_window() < WRITES
    assert "ERROR" not in erp.log()


def test_the_newest_value_of_a_key_arrives_one_write_a_second(connected: Callable[..., StartedErp]) -> None:
    code = f"{PRODUCTS}say([sync.sync_product(product(1, price)) for price in (10, 20, 30)])"

    erp, namespace = connected()
    assert erp.tell(code) == [True, False, False]
    assert namespace.values["FAB-00001"]["price"] == "10"
    assert REFUSAL in erp.log()

    erp, namespace = connected("BUG-019")
    assert erp.tell(code) == [True, True, True]
    assert namespace.values["FAB-00001"]["price"] == "30"
    assert namespace.refused == 0
    times = [when for when, _, _ in namespace.history]
    assert all(later - earlier >= KEY_SECONDS for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("status", "call", "expected"),
    [
        (500, "sync.sync_product(product(1))", 1),
        (429, "sync.sync_product(product(1))", 1),
        (500, 'sync.delete_product("FAB-00001")', 0),
    ],
)
def test_a_window_that_others_have_filled_is_waited_for(
    connected: Callable[..., StartedErp], status: int, call: str, expected: int
) -> None:
    erp, namespace = connected("BUG-019", status=status)
    namespace.values = {"FAB-00001": "old"}
    namespace.others_come_first = True
    assert erp.tell(f"{PRODUCTS}say({call})") is True
    assert [value is not None for _, _, value in namespace.history] == [bool(expected)]
    assert len(namespace.values) == expected
    assert namespace.refused > 1
    assert "WARNING - Cloudflare rate limit, next attempt in" in erp.log()
    assert "ERROR" not in erp.log()


@pytest.mark.parametrize("call", ["sync.sync_product(product(1))", 'sync.delete_product("FAB-00001")'])
def test_a_window_that_others_have_filled_was_not_waited_for(connected: Callable[..., StartedErp], call: str) -> None:
    erp, namespace = connected()
    namespace.others_come_first = True
    assert erp.tell(f"{PRODUCTS}say({call})") is False
    assert (namespace.requests, namespace.history) == (1, [])
    assert REFUSAL.replace("PUT", "DELETE" if "delete" in call else "PUT") in erp.log()


def test_a_killed_process_loses_nothing_and_the_worker_sends_the_rest(connected: Callable[..., StartedErp]) -> None:
    erp, namespace = connected("BUG-019")
    sender = erp.start("-c", with_django(f"{PRODUCTS}say(sync.sync_products(products(0, 900)))"))
    wait_for(lambda: len(namespace.values) >= 300)
    # Another process has newer prices meanwhile, some of keys that have been sent, some of keys that wait.
    newer = erp.start("-c", with_django(f"{PRODUCTS}say(sync.sync_products(products(250, 900, price=20)))"))
    wait_for(lambda: newest_values(namespace) > 0)
    for process in (sender, newer):
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert newest_values(namespace) < 650

    # What a Celery worker does when it is ready, in a process that goes on.
    worker = erp.start("-c", with_django(f"import time{READY_WORKER}"))
    try:
        wait_for(lambda: newest_values(namespace) == 650 and len(namespace.values) == 900)
    finally:
        worker.kill()
        worker.communicate()
    assert {value["price"] for key, value in namespace.values.items() if key < "FAB-00250"} == {"10"}
    # The budget outlives the kill: the next process does not begin with a full one.
    assert namespace.refused == 0
    assert namespace.most_in_a_window() < WRITES


def test_a_caller_does_not_wait_for_ever_and_the_next_one_sends_what_it_left(
    connected: Callable[..., StartedErp],
) -> None:
    erp, namespace = connected("BUG-019", CLOUDFLARE_WAIT="0.5")
    namespace.others_come_first = True
    started = time.monotonic()
    assert erp.tell(f"{PRODUCTS}say(sync.sync_product(product(1)))") is False
    assert time.monotonic() - started < WINDOW + 1
    assert "WARNING - Cloudflare: 1 items wait in the outbox" in erp.log()
    time.sleep(WINDOW)
    assert erp.tell(f"{PRODUCTS}say(sync.sync_product(product(2)))") is True
    assert sorted(namespace.values) == ["FAB-00001", "FAB-00002"]


def test_a_worker_out_of_reach_keeps_the_item_for_the_next_time(connected: Callable[..., StartedErp]) -> None:
    erp, namespace = connected("BUG-019")
    namespace.unreachable = True
    assert erp.tell(f"{PRODUCTS}say(sync.sync_product(product(1)))") is False
    assert namespace.values == {}
    assert "ERROR - Cloudflare sync request failed" in erp.log()
    namespace.unreachable = False
    time.sleep(1.2 * KEY_SECONDS)  # it may have arrived, for all that the ERP knows
    assert erp.tell(f"{PRODUCTS}say(sync.sync_product(product(2)))") is True
    assert sorted(namespace.values) == ["FAB-00001", "FAB-00002"]


def test_other_refusals_are_given_up_as_before(connected: Callable[..., StartedErp]) -> None:
    code = f'{PRODUCTS}bad = Product(code="REFUSED")\nsay([sync.sync_product(bad), sync.sync_product(product(1))])'
    for patches in ((), ("BUG-019",)):
        erp, namespace = connected(*patches)
        assert erp.tell(code) == [False, True]
        assert namespace.requests == 2
        assert 'ERROR - Cloudflare sync failed: 400 - {"error":"bad product"}' in erp.log()


def test_without_a_usable_outbox_it_is_sent_as_before(connected: Callable[..., StartedErp]) -> None:
    erp, namespace = connected("BUG-019", CLOUDFLARE_OUTBOX="/proc/nowhere")
    assert erp.tell(f"{PRODUCTS}say(sync.sync_product(product(1)))") is True
    assert list(namespace.values) == ["FAB-00001"]
    assert "ERROR - Cloudflare outbox /proc/nowhere cannot be used" in erp.log()
