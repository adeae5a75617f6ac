import asyncio

import pytest

from switchgear.surfaces.http.asgi import Message
from switchgear.surfaces.http.response import Response


@pytest.mark.parametrize(
    ("parts", "torn"),
    [
        ([b"data: a\n\n"], False),
        ([b"data: a\r\n\r\n"], False),
        ([b"data: a\r\r"], False),
        ([b"data: a\n\n", b"data: b"], True),
        ([b"data: b", b"\n\n"], False),
    ],
)
def test_it_knows_whether_an_event_was_left_in_its_middle(parts: list[bytes], torn: bool) -> None:  # noqa: FBT001  (a column)
    async def send(_: Message) -> None: ...

    async def life() -> None:
        response = Response(send, None)
        await response.begin(200, [])
        assert not response.torn
        for part in parts:
            await response.write(part, last=False)
        assert response.torn is torn

    asyncio.run(life())
