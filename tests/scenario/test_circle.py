"""What a call leaves for the garbage collector: nothing that holds what was read for it."""

import asyncio
import gc
from collections import Counter

import pytest

from support.raw import request
from support.town import Respond, saying, streaming, town
from support.words import FRAMES, WHOLE
from switchgear.domain.dialect import Dialect

CALLS = 10
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
OWN = "switchgear."
"""Where the classes are from whose objects none may be left."""


def body(*, stream: bool) -> bytes:
    told = b'"stream":true,' if stream else b""
    return b'{"model":"one",' + told + b'"messages":[{"role":"user","content":"hi"}]}'


def garbage(*, stream: bool) -> Counter[str]:
    """Return what only a collection would have undone, after calls that ended or were left."""

    async def life() -> Counter[str]:
        over = asyncio.Event()

        async def begin(_: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(HEAD + b"%x\r\n%s\r\n" % (len(FRAMES[0]), FRAMES[0]))
            await over.wait()

        respond = begin if stream else WHOLE
        async with town({"one": (Dialect.OPENAI_CHAT, respond)}) as place:
            await call(place.port)
            gc.collect()
            gc.freeze()
            gc.disable()
            for _ in range(CALLS):
                await call(place.port)
            await asyncio.sleep(0.1)
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            found = Counter(type(each).__qualname__ for each in gc.garbage if ours(each))
            gc.set_debug(0)
            gc.garbage.clear()
            over.set()
            await asyncio.sleep(0.02)
            gc.enable()
            gc.unfreeze()
            return found

    async def call(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(body=body(stream=stream)))
        await reader.readuntil(FRAMES[0] if stream else b'"usage"')
        writer.transport.abort()
        await asyncio.sleep(0.02)

    return asyncio.run(life())


def ours(each: object) -> bool:
    return str(type(each).__module__).startswith(OWN)


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_leaves_no_circle_whether_it_ended_or_its_caller_left(*, stream: bool) -> None:
    assert garbage(stream=stream) == Counter()


GOOD = body(stream=False)
FLAWED = saying(b'{"choices": [', status=200)
FAULTS: dict[str, tuple[Respond, bytes]] = {
    "a body that is no JSON": (WHOLE, b"{"),
    "a body of the wrong shape": (WHOLE, b'{"model":"one","messages":3}'),
    "a model that is not there": (WHOLE, GOOD.replace(b"one", b"none")),
    "a target that fails": (saying(b"{}", status=500), GOOD),
    "a target that refuses the call": (saying(b"{}", status=400), GOOD),
    "a target that talks nonsense": (FLAWED, GOOD),
    "a target that cuts its stream": (streaming(*FRAMES[:1], cut=True), body(stream=True)),
    "a call that there is no room for": (WHOLE, GOOD),
}


KEPT = {"Task", "Live", "Course"}
"""Tasks begin with these calls, and stay in mind, so many of them."""


def alive() -> Counter[str]:
    gc.collect()
    found = Counter(type(each).__qualname__ for each in gc.get_objects() if ours(each))
    return Counter({kind: count for kind, count in found.items() if kind not in KEPT})


@pytest.mark.parametrize("name", FAULTS)
def test_a_call_that_fails_leaves_nothing_that_not_even_a_collection_undoes(name: str) -> None:
    """A frozen value without the collector's mark hides a circle from it for ever."""
    respond, data = FAULTS[name]

    async def life() -> Counter[str]:
        nobody_waits = {"lanes": {"at_gateway": 0}}
        async with town({"one": (Dialect.OPENAI_CHAT, respond)}, nobody_waits) as place:
            if "room" in name:
                place.running.house.slots.count = 0
            await several(place.port)
            before = alive()
            await several(place.port)
            return alive() - before

    async def several(port: int) -> None:
        for _ in range(CALLS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request(body=data))
            await reader.readuntil(b"error")
            writer.close()
        await asyncio.sleep(0.1)

    left = asyncio.run(life())
    assert not {kind: count for kind, count in left.items() if count >= CALLS}
