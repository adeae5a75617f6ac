import asyncio

import pytest

from switchgear.rehearsal.step import Close, Hang, Reset, Send, Step, Wait
from switchgear.rehearsal.visit import MOST_BODY, Listener, Visit

REQUEST = b"POST /x HTTP/1.1\r\nA: b\r\ncontent-length: 2\r\n\r\nhi"


def visited(steps: list[Step], said: bytes = REQUEST) -> tuple[bytes | None, Visit]:
    """Return what came of a visit (None: it was reset), and the visit."""
    visits: list[Visit] = []

    async def host(visit: Visit) -> None:
        visits.append(visit)
        request = await visit.request()
        assert (request.method, request.path, request.body) == ("POST", "/x", b"hi")
        assert request.headers["a"] == "b"
        await visit.play(steps)

    async def life() -> bytes | None:
        listener = Listener(host)
        await listener.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(said)
        try:
            async with asyncio.timeout(0.3):
                return await reader.read()
        except ConnectionResetError:
            return None
        except TimeoutError:
            return b"silence"
        finally:
            writer.close()
            await asyncio.sleep(0.05)
            await listener.stop()

    return asyncio.run(life()), visits[0]


@pytest.mark.parametrize(
    ("steps", "heard", "left"),
    [
        ([Send(b"a"), Wait(0.01), Send(b"b"), Close()], b"ab", False),
        ([Send(b"a"), Wait(0.05), Reset()], None, False),
        ([Hang()], b"silence", True),
    ],
)
def test_it_does_what_it_is_told(steps: list[Step], heard: bytes | None, *, left: bool) -> None:
    found, visit = visited(steps)
    assert (found, visit.left, visit.answering) == (heard, left, True)


@pytest.mark.parametrize(
    "said",
    [
        b"POST /x HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"POST /x HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /x HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"POST /x HTTP/1.1\r\na: %b\r\n\r\n" % (b"x" * 200_000),
    ],
)
def test_a_request_that_cannot_be_read_ends_the_visit(said: bytes) -> None:
    found, visit = visited([], said)
    assert found in {b"", None}
    assert visit.served == 0
