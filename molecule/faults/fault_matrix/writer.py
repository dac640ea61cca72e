# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of the ERP who writes all the time and remembers each row that the ERP has acknowledged, content and all."""

from __future__ import annotations

import http.client
import uuid
from collections import Counter
from functools import partial

from bench.load import Address, Clients, ask, failure

CREATED = 201
CLIENTS = 2
PAUSE_SECONDS = 0.15
# A request that waits longer than this is no longer waited for: pgBouncer drops paused clients after 120 s.
MOST_SECONDS = 60


class Writer(Clients):
    """``acknowledged``: one line for each order, as ``ORDERS_SQL`` of state.py reads it back."""

    def __init__(self, address: Address) -> None:
        self.run = f"writer-{uuid.uuid4().hex[:10]}"
        self.acknowledged: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self._address = address
        super().__init__(partial(self._client, number) for number in range(CLIENTS))

    def _client(self, client: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._write(f"{self.run}-{client}-{number}", number % 97 + 1, number % 89)
            self._stop.wait(PAUSE_SECONDS)

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
