import asyncio

from support.stage import a_call
from switchgear.domain.call import Call
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Handler, Layer, Reply, Trail


class Reached(Exception):
    """The core was called."""


def noting(name: str, seen: list[str]) -> Layer:
    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            seen.append(f"{name} in")
            try:
                return await inner(call, trail)
            finally:
                seen.append(f"{name} out")

        return handle

    return layer


def test_the_first_layer_sees_a_call_first_and_its_end_last() -> None:
    seen: list[str] = []

    async def core(_call: Call, _trail: Trail) -> Reply:
        seen.append("core")
        raise Reached

    async def life() -> None:
        handler = stack([noting("a", seen), noting("b", seen)], core)
        try:
            await handler(a_call(), Trail())
        except Reached:
            seen.append("told")

    asyncio.run(life())
    assert seen == ["a in", "b in", "core", "b out", "a out", "told"]
