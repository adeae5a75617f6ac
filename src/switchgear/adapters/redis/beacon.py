"""A beacon over Redis: who listens hears at once, and what was said last is kept in a hash."""

import asyncio
import logging

from typing_extensions import override

from switchgear.adapters.redis.connection import Redis, Script, StoreDown
from switchgear.domain.units import Seconds
from switchgear.ports.beacon import Beacon, Hear

KEPT = "switchgear:beacon"
"""Hash of what was said last, by topic."""
AGAIN = Seconds(0.5)
"""Until what is kept is asked for again, where it was not answered."""
NODE_BYTES = 16
SAY = Script(
    "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])\n"
    "return redis.call('PUBLISH', KEYS[1] .. ':' .. ARGV[1], ARGV[2])"
)
RECALL = Script("return redis.call('HGET', KEYS[1], ARGV[1])")
log = logging.getLogger("switchgear")


class RedisBeacon(Beacon):
    """One node's; words begin with the sender's id, so that nobody hears itself."""

    def __init__(self, redis: Redis, node: int) -> None:
        """Take the connection, which is somebody else's to close, and a number that is nobody's."""
        self._redis = redis
        self._node = node.to_bytes(NODE_BYTES)

    @override
    async def tell(self, topic: str, word: bytes) -> bool:
        try:
            await self._redis.call(SAY, (KEPT,), (topic, self._node + word))
        except StoreDown:
            return False
        return True

    @override
    async def listen(self, topic: str, hear: Hear) -> None:
        async def take(word: bytes) -> None:
            if word[:NODE_BYTES] != self._node:
                await hear(topic, word[NODE_BYTES:])

        async def joined() -> None:
            """Hear what was missed; until that is known, nothing else is of use."""
            while True:
                try:
                    kept = await self._redis.call(RECALL, (KEPT,), (topic,))
                except StoreDown:
                    await asyncio.sleep(AGAIN)
                    continue
                if isinstance(kept, bytes):
                    await take(kept)
                return

        await self._redis.subscribe(f"{KEPT}:{topic}", take, joined)

    @override
    async def aclose(self) -> None:
        """Do nothing: who closes the connection hears no more."""
