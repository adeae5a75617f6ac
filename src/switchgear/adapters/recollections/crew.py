"""Kept answers of several workers on one machine: each keeps its own, and asks the others.

A caller goes on from an answer by its id over any connection, so any worker may get that call.
"""

import asyncio
import logging
from pathlib import Path

import msgspec
from typing_extensions import override

from switchgear.adapters.recollections.copyist import read_note, write_note
from switchgear.domain.units import Seconds
from switchgear.ports.recollection import Owner, Recollection, Recollections
from switchgear.ports.worker import Post

PATIENCE = Seconds(0.5)
"""With the others, all together. One that does not answer has nothing."""
MOST_ASKED = 4096
"""Bytes of a question."""
GONE = b"gone"
log = logging.getLogger("switchgear")


class Question(msgspec.Struct, frozen=True):
    """What one worker wants of another."""

    owner: Owner
    name: str
    forget: bool = False


_decode = msgspec.json.Decoder(Question).decode


class CrewRecollections(Recollections):
    """Looks on its own shelf first, then asks those beside it over sockets in their folder."""

    def __init__(self, own: Recollections, post: Post) -> None:
        """Take this worker's own; it is not asked by others before ``start``."""
        self._own = own
        self._post = post
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Answer the others from now on."""
        place = self._socket(self._post.number)
        place.unlink(missing_ok=True)  # of the one whose place it takes
        self._server = await asyncio.start_unix_server(self._serve, str(place), limit=MOST_ASKED)

    @override
    async def keep(self, owner: Owner, new: Recollection) -> None:
        await self._own.keep(owner, new)

    @override
    async def find(self, owner: Owner, name: str) -> Recollection | None:
        found = await self._own.find(owner, name)
        if found is not None:
            return found
        for raw in await self._ask(Question(owner, name)):
            try:
                return read_note(raw)
            except (ValueError, RecursionError):
                log.warning("another worker told what nobody understands of a kept answer")
        return None

    @override
    async def forget(self, owner: Owner, name: str) -> bool:
        here = await self._own.forget(owner, name)
        there = await self._ask(Question(owner, name, forget=True))
        return here or GONE in there

    @override
    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._own.aclose()

    async def _ask(self, question: Question) -> list[bytes]:
        """Return what the others say that have it."""
        others = [each for each in range(1, self._post.of + 1) if each != self._post.number]
        raw = msgspec.json.encode(question) + b"\n"
        if len(raw) > MOST_ASKED:  # no name of ours is that long
            return []
        found = await asyncio.gather(*[self._ask_one(each, raw) for each in others])
        return [each for each in found if each]

    async def _ask_one(self, number: int, raw: bytes) -> bytes:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_unix_connection(str(self._socket(number)))
                try:
                    writer.write(raw)
                    return await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return b""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                writer.write(await self._answer(_decode(await reader.readline())))
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass
        finally:
            writer.close()

    async def _answer(self, question: Question) -> bytes:
        if question.forget:
            return GONE if await self._own.forget(question.owner, question.name) else b""
        found = await self._own.find(question.owner, question.name)
        return b"" if found is None else write_note(found)

    def _socket(self, number: int) -> Path:
        return Path(self._post.folder) / f"answers-{number}"
