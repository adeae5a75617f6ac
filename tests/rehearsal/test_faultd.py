import asyncio

import pytest

from support.rehearsal import ask, served
from support.spoken import SPOKEN
from switchgear.adapters.clock import SystemClock
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds
from switchgear.rehearsal.catalogue import CATALOGUE
from switchgear.rehearsal.client import PATH_OF, Wish, call
from switchgear.rehearsal.judge import is_good
from switchgear.rehearsal.weather import Spell

NOW = SystemClock().now


@pytest.mark.parametrize("dialect", SPOKEN)
def test_it_speaks_both_dialects_by_path(dialect: Dialect) -> None:
    async def life() -> None:
        async with served() as daemon:
            for stream in (True, False):
                wish = Wish(dialect=dialect, model="healthy", stream=stream)
                assert is_good(await call(daemon.port, wish, NOW))

    asyncio.run(life())


def test_what_strikes_once_does_so_for_each_scope() -> None:
    async def life() -> None:
        async with served() as daemon:
            found = []
            for model in ("503-once@a", "503-once@a", "503-once@b"):
                body: dict[str, object] = {"model": model, "messages": []}
                found.append((await ask(daemon.port, "POST", "/v1/messages", body))[0])
            assert found == [503, 200, 503]
            assert (await ask(daemon.port, "POST", "/reset"))[0] == 200
            body = {"model": "503-once@a", "messages": []}
            assert (await ask(daemon.port, "POST", "/v1/messages", body))[0] == 503

    asyncio.run(life())


def test_the_weather_changes_what_a_model_does_for_a_while() -> None:
    async def life() -> None:
        async with served() as daemon:
            body: dict[str, object] = {"model": "fair@x", "messages": []}
            path = PATH_OF[Dialect.OPENAI_CHAT]
            assert (await ask(daemon.port, "POST", path, body))[0] == 200
            spell = {"model": "fair@x", "fault": "529", "for_s": 60}
            assert (await ask(daemon.port, "POST", "/weather", spell))[0] == 200
            assert (await ask(daemon.port, "POST", path, body))[0] == 529
            daemon.weather.change(Spell(model="fair@x", for_s=0), Seconds(NOW()))
            assert (await ask(daemon.port, "POST", path, body))[0] == 200

    asyncio.run(life())


def test_it_tells_its_catalogue_and_where_connections_fail() -> None:
    async def life() -> None:
        async with served() as daemon:
            status, rows = await ask(daemon.port, "GET", "/faults")
            assert (status, len(rows)) == (200, len(CATALOGUE))
            addresses = {row["name"] for row in rows if "address" in row}
            assert addresses == {"refused", "reset-on-accept", "connect-hang", "blackhole"}

    asyncio.run(life())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("POST", "/weather", {"model": 1}, 400),
        ("POST", "/weather", {"model": "fair", "fault": "nothing", "for_s": 1}, 400),
        ("POST", "/v1/messages", {}, 400),
        ("POST", "/v1/other", {"model": "healthy"}, 400),
        ("POST", "/v1/messages", {"model": "nothing"}, 404),
    ],
)
def test_what_it_does_not_know_is_told(method: str, path: str, body: object, status: int) -> None:
    async def life() -> None:
        async with served() as daemon:
            assert (await ask(daemon.port, method, path, body))[0] == status

    asyncio.run(life())


def test_it_counts_requests_connections_and_who_left() -> None:
    async def life() -> None:
        async with served() as daemon:
            model = "hang-mid-stream@t"
            wish = Wish(dialect=Dialect.OPENAI_CHAT, model=model, stream=True, patience=0.2)
            assert (await call(daemon.port, wish, NOW)).flaws
            for _ in range(100):
                count = daemon.tally.of(model)
                if count.left:
                    break
                await asyncio.sleep(0.01)
            assert (count.requests, count.connections, count.closed_by_peer, count.left) == (
                1,
                1,
                1,
                1,
            )
            _, told = await ask(daemon.port, "GET", "/tally")
            assert told[model]["requests"] == 1

    asyncio.run(life())


def test_a_request_on_a_connection_that_was_spoilt_is_counted() -> None:
    body = b'{"model":"html@t"}'
    request = b"POST /v1/messages HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)

    async def life() -> None:
        async with served() as daemon:
            reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
            for _ in range(2):
                writer.write(request)
                await reader.readuntil(b"page.</p>")
            assert daemon.tally.of("html@t").after_spoil == 1
            writer.close()

    asyncio.run(life())
