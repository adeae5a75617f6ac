import asyncio

import pytest

from switchgear.rehearsal.address import Addresses


async def reach(port: int) -> str:
    """Say what comes of a connection."""
    try:
        async with asyncio.timeout(0.3):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except TimeoutError:
        return "never connected"
    except ConnectionRefusedError:
        return "refused"
    try:
        writer.write(b"hello")
        async with asyncio.timeout(0.3):
            return "closed" if not await reader.read() else "answered"
    except ConnectionError:
        return "reset"
    except TimeoutError:
        return "silent"
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("refused", "refused"),
        ("reset-on-accept", "reset"),
        ("blackhole", "silent"),
        ("connect-hang", "never connected"),
    ],
)
def test_each_address_fails_in_its_way(fault: str, found: str) -> None:
    async def life() -> None:
        addresses = Addresses()
        await addresses.start()
        try:
            assert await reach(addresses.ports[fault]) == found
        finally:
            await addresses.stop()

    asyncio.run(life())
