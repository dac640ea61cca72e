# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries every TCP port of a host and prints those that accept, one a line.

usage: open_ports.py ADDRESS
"""

import asyncio
import sys

AT_ONCE = 100
TIMEOUT_SECONDS = 5
# A busy machine answers late; a port counts as closed only when it said so, or never answered.
ATTEMPTS = 6


async def accepts(address: str, port: int, limit: asyncio.Semaphore) -> bool:
    for _ in range(ATTEMPTS):
        async with limit:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), TIMEOUT_SECONDS)
            except TimeoutError:
                continue
            except OSError:
                return False
            writer.close()
            return True
    return False


async def main() -> None:
    limit = asyncio.Semaphore(AT_ONCE)
    ports = range(1, 65536)
    answers = await asyncio.gather(*(accepts(sys.argv[1], port, limit) for port in ports))
    print("\n".join(str(port) for port, accepted in zip(ports, answers, strict=True) if accepted))


asyncio.run(main())
