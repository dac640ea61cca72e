# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries every TCP port of a host and prints those that accept, one a line.

usage: open_ports.py ADDRESS
"""

import asyncio
import sys

AT_ONCE = 500
TIMEOUT_SECONDS = 5


async def accepts(address: str, port: int, limit: asyncio.Semaphore) -> bool:
    async with limit:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), TIMEOUT_SECONDS)
        except OSError:
            return False
        writer.close()
        return True


async def main() -> None:
    limit = asyncio.Semaphore(AT_ONCE)
    ports = range(1, 65536)
    answers = await asyncio.gather(*(accepts(sys.argv[1], port, limit) for port in ports))
    print("\n".join(str(port) for port, accepted in zip(ports, answers, strict=True) if accepted))


asyncio.run(main())
