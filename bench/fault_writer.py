# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of the ERP who writes all the time and remembers each row that the ERP has acknowledged, content and all."""

from __future__ import annotations

import http.client
import threading
import uuid
from collections import Counter
from types import TracebackType

from bench.load import Address, ask, failure

CREATED = 201
CLIENTS = 2
PAUSE_SECONDS = 0.15
# A request that waits longer than this is no longer waited for: pgBouncer drops paused clients after 120 s.
MOST_SECONDS = 60


class Writer:
    """``acknowledged``: one line for each order, as ``ORDERS_SQL`` of fault_state.py reads it back."""

    def __init__(self, address: Address) -> None:
        self.run = f"writer-{uuid.uuid4().hex[:10]}"
        self.acknowledged: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self._address = address
        self._stop = threading.Event()
        self._problem: Exception | None = None
        self._threads = [threading.Thread(target=self._client, args=(n,), daemon=True) for n in range(CLIENTS)]

    def __enter__(self) -> Writer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._problem and error is None:
            raise self._problem

    def _client(self, client: int) -> None:
        number = 0
        try:
            while not self._stop.is_set():
                number += 1
                self._write(f"{self.run}-{client}-{number}", number % 97 + 1, number % 89)
                self._stop.wait(PAUSE_SECONDS)
        except Exception as error:
            self._problem = error  # a writer that died in silence would prove nothing

    def _write(self, name: str, quantity: int, price: int) -> None:
        body = {"customer": name, "items": [{"quantity": quantity, "unit_price": price}]}
        try:
            status, answer = ask(self._address, "POST", "/orders/create/", body, MOST_SECONDS)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.outcomes["reset" if isinstance(error, ValueError) else failure(error)] += 1
            return
        self.outcomes["ok" if status == CREATED else str(status)] += 1
        if status == CREATED:
            self.acknowledged.append(
                f"{name}|{answer['order']}|{answer['customer']}|{answer['items'][0]}|{quantity}.000|{price}.00"
            )
