# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that is slow but wide: every byte to the server arrives later, none has to wait for another.

    with delayed(cluster.socket_dir, cluster.port, milliseconds=5) as folder:
        psycopg2.connect(host=folder, port=cluster.port, ...)

The delay is added to each round trip once. The proxy is a process of its own, so that it and the client do not take
turns.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 10
BLOCK = 1 << 16


@contextmanager
def delayed(socket_dir: str, port: int, milliseconds: float) -> Iterator[str]:
    """The folder of a socket that leads to the server's, later."""
    with tempfile.TemporaryDirectory(prefix="erp-ops-delay-", dir="/tmp") as folder:
        name = f".s.PGSQL.{port}"
        near, far = Path(folder) / name, Path(socket_dir) / name
        proxy = multiprocessing.Process(target=_run, args=(str(near), str(far), milliseconds / 1000), daemon=True)
        proxy.start()
        deadline = time.monotonic() + START_SECONDS
        while not near.exists():
            if time.monotonic() > deadline or not proxy.is_alive():
                raise RuntimeError("the delaying proxy did not start")
            time.sleep(0.01)
        try:
            yield folder
        finally:
            proxy.terminate()
            proxy.join()


def _run(near: str, far: str, seconds: float) -> None:
    asyncio.run(_serve(near, far, seconds))


async def _serve(near: str, far: str, seconds: float) -> None:
    async def connected(from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(far)
        await asyncio.gather(
            _forward(from_client, to_server, seconds), _forward(from_server, to_client, 0), return_exceptions=True
        )

    server = await asyncio.start_unix_server(connected, near)
    async with server:
        await server.serve_forever()


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def deliver() -> None:
        while True:
            due, block = await waiting.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not block:
                target.close()
                return
            target.write(block)
            await target.drain()

    delivering = asyncio.create_task(deliver())
    while block := await source.read(BLOCK):
        waiting.put_nowait((loop.time() + seconds, block))
    waiting.put_nowait((loop.time() + seconds, b""))
    await delivering
