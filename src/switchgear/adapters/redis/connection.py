"""The way to Redis: one connection that all calls share, and a by-pass around it.

The only module that knows the client library. Calls are written one behind another on one
connection, and their answers come in that order, so a call that is late holds up no other and needs
no connection of its own. Whoever is not answered in time is told that the store is down; after a
few of those nothing is asked any more, until a probe in the background is answered in time.

Nothing is said but SCRIPT, EVAL, PING and SUBSCRIBE with their kin, which Redis and Valkey both
know. Of what the server or the library says only a code is logged: an address may hold a password.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any

from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery

try:
    from redis.asyncio.connection import AbstractConnection, Connection, parse_url
    from redis.exceptions import NoScriptError, RedisError, ResponseError
except ImportError:  # the extra [scale] is not installed
    INSTALLED = False
else:
    INSTALLED = True

LIMIT = Seconds(0.05)
"""For the answer to one call."""
UNEVEN = Seconds(0.01)
"""From which our own loop was late, not the server: then the answer may be here, and unread."""
CONNECT = Seconds(1.0)
"""For a new connection; nobody waits for that."""
REST = Seconds(1.0)
"""Between two probes."""
QUIET = Seconds(2.0)
"""After which a listener asks whether anybody is still there, and again before it gives up."""
MOST_MISSES = 3.0
"""After which nothing is asked any more."""
FORGIVEN = 0.1
"""Of a miss, by each answer in time: one in ten late is too many."""
MOST_WAITING = 1024
"""Calls that are not answered yet; one more is told at once that the store is down."""

Word = str | bytes | int | float
Hear = Callable[[bytes], Awaitable[None]]
Joined = Callable[[], Awaitable[None]]
log = logging.getLogger("switchgear")


class StoreDown(Exception):
    """Redis cannot be asked now, or did not answer in time. It never leaves the adapters."""


class Script:
    """One verb: a piece of Lua that runs as a whole."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        """Know it by the name that the server gives it."""
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class Redis:
    """Asks and listens; it never waits longer than LIMIT, and comes back by itself."""

    def __init__(self, url: Secret) -> None:
        """Connect to nothing yet.

        Raises:
            ValueError: the library is not installed, or the address is none; it is not repeated.
        """
        if not INSTALLED:
            raise ValueError("it needs the library redis; install switchgear[scale]")
        try:
            self._way = dict(parse_url(url.reveal()))
        except (ValueError, TypeError):
            raise ValueError("redis://, rediss:// or unix:// and an address") from None
        self._nursery = Nursery()
        self._link: _Link | None = None
        self._mending: asyncio.Task[None] | None = None
        self._misses = 0.0
        self._closed = False
        self._told = False
        self._tried = asyncio.Event()
        """The first probe has come to something."""

    @property
    def bypassed(self) -> bool:
        """Whether nothing is asked now."""
        return self._link is None

    async def open(self) -> None:
        """Connect, if that can be done soon; otherwise it goes on in the background."""
        self._mend()
        await self._tried.wait()

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Word]) -> Any:  # noqa: ANN401  (what a script returns is its own)
        """Run a script, and return what it returns.

        Raises:
            StoreDown: it was not asked, or did not answer in time; it may have run all the same.
        """
        link = self._link
        if link is None:
            self._mend()
            raise StoreDown
        try:
            found = await link.ask("EVALSHA", script.digest, len(keys), *keys, *args)
        except NoScriptError:  # the server has been restarted, or is another one
            found = await link.ask("EVAL", script.text, len(keys), *keys, *args)
        if self._misses:
            self._misses = max(0.0, self._misses - FORGIVEN)
        return found

    async def subscribe(self, channel: str, hear: Hear, joined: Joined) -> None:
        """Call ``hear`` with all that is said on a channel from now on; neither may raise.

        What is said while the connection is down is lost: ``joined`` is called each time that it
        has been made, and can look for what is kept.
        """
        self._nursery.spawn(self._listen(channel, hear, joined))

    async def aclose(self) -> None:
        """Ask no more, and hear no more."""
        self._closed = True
        if self._link is not None:
            self._link.close()
        self._link = None
        await self._nursery.aclose(Seconds(0.0))

    def _miss(self) -> None:
        self._misses += 1.0
        if self._misses >= MOST_MISSES:
            self._trip("it is slow")

    def _trip(self, why: str) -> None:
        """Ask nothing any more, until a probe is answered."""
        link, self._link = self._link, None
        if link is None or self._closed:
            return
        link.close()
        log.warning("Redis is by-passed: %s", why)
        self._told = True
        self._mend(REST)

    def _mend(self, first: Seconds = Seconds(0.0)) -> None:
        """Let one probe after another be sent, unless that is being done."""
        if self._link is None and self._mending is None and not self._closed:
            self._mending = self._nursery.spawn(self._probe(first))

    async def _probe(self, first: Seconds) -> None:
        try:
            await asyncio.sleep(first)
            while True:
                if await self._connected():
                    return
                self._tried.set()
                await asyncio.sleep(REST)
        finally:
            self._mending = None
            self._tried.set()

    async def _connected(self) -> bool:
        """Put a new connection in force, if it is answered in time."""
        link = _Link(self._new(), self._nursery, self._miss, self._trip)
        try:
            async with asyncio.timeout(CONNECT):
                await link.open()
            await link.ask("PING")
        except (StoreDown, TimeoutError, OSError, RedisError) as error:
            link.close()
            if not self._told:
                log.warning("Redis is by-passed: %s", code_of(error))
            self._told = True
            return False
        if self._told:
            log.warning("Redis is back")
        self._told, self._misses, self._link = False, 0.0, link
        return True

    def _new(self) -> "AbstractConnection":
        way: dict[str, Any] = {**self._way, "socket_timeout": None}
        kind = way.pop("connection_class", Connection)
        made: AbstractConnection = kind(**way)
        return made

    async def _listen(self, channel: str, hear: Hear, joined: Joined) -> None:
        while not self._closed:
            connection = self._new()
            try:
                async with asyncio.timeout(CONNECT):
                    await connection.connect()  # type: ignore[no-untyped-call]  # the library's
                    await connection.send_command("SUBSCRIBE", channel)
                    await connection.read_response()
                await joined()
                await _hear_all(connection, hear)
            except (TimeoutError, OSError, RedisError) as error:
                log.info("no word from Redis for now: %s", code_of(error))
            finally:
                await connection.disconnect(nowait=True)
            await asyncio.sleep(REST)


class _Link:
    """One connection, and those who wait for its answers, in order."""

    def __init__(
        self,
        connection: "AbstractConnection",
        nursery: Nursery,
        miss: Callable[[], None],
        broken: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._nursery = nursery
        self._miss = miss
        self._broken = broken
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._reading: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Connect, and begin to read."""
        try:
            await self._connection.connect()  # type: ignore[no-untyped-call]  # the library's
        except BaseException:
            await self._connection.disconnect(nowait=True)
            raise
        self._reading = self._nursery.spawn(self._read())

    async def ask(self, *words: Word) -> Any:  # noqa: ANN401  (what is answered depends on the words)
        """Return the answer to one command.

        Raises:
            StoreDown: there is none in time, or it is an error.
            NoScriptError: it is that one.
        """
        if self._closed or len(self._waiting) >= MOST_WAITING:
            raise StoreDown
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Any] = loop.create_future()
        self._waiting.append(waiter)
        timer = loop.call_at(loop.time() + LIMIT, self._late, waiter, loop.time() + LIMIT)
        try:
            packed = self._connection.pack_command(*words)
            await self._connection.send_packed_command(packed, check_health=False)
            return await waiter
        except (OSError, RedisError) as error:
            if isinstance(error, NoScriptError):
                raise
            raise StoreDown from None
        finally:
            timer.cancel()
            if not waiter.cancel() and not waiter.cancelled():
                waiter.exception()  # looked at, or the loop would report it

    def close(self) -> None:
        """Tell all who wait that there will be no answer."""
        self._closed = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(StoreDown())
        self._waiting.clear()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> None:
        why = "the connection is lost"
        try:
            while True:
                await self._read_one()
        except (OSError, RedisError) as error:
            why = code_of(error)
        finally:
            await self._connection.disconnect(nowait=True)
            if not self._closed:
                self.close()
                self._broken(why)

    async def _read_one(self) -> None:
        found: Any
        try:
            found = await self._connection.read_response()
        except ResponseError as error:
            found = error
        waiter = self._waiting.popleft()
        if waiter.done():  # it was late
            return
        if isinstance(found, ResponseError):
            self._complain(found)
            waiter.set_exception(found)
        else:
            waiter.set_result(found)

    def _complain(self, error: "ResponseError") -> None:
        if not isinstance(error, NoScriptError):
            log.warning("Redis refuses a command: %s", code_of(error))
            self._miss()

    def _late(self, waiter: "asyncio.Future[Any]", due: float) -> None:
        """Give one call up; but where our own loop is late, first read what has come."""
        if waiter.done():
            return
        loop = asyncio.get_running_loop()
        if loop.time() - due >= UNEVEN:
            loop.call_later(UNEVEN, self._late, waiter, loop.time() + UNEVEN)
            return
        waiter.set_exception(StoreDown())
        self._miss()


async def _hear_all(connection: "AbstractConnection", hear: Hear) -> None:
    """Hear until nobody is there any more."""
    asked = False
    while True:
        said: Any = None
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET):
                said = await connection.read_response(disconnect_on_error=False)
        if said is None:
            if asked:
                return
            asked = True
            await connection.send_command("PING", check_health=False)
            continue
        asked = False
        if said[0] == b"message":
            await hear(said[2])


def code_of(error: BaseException) -> str:
    """Return what may be told of an error: its kind, and never its words."""
    return type(error).__name__
