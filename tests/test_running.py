"""One version of the config at a time."""

import asyncio
from typing import Any

import msgspec
import pytest

from support.stage import a_call
from support.town import House
from support.words import WHOLE, Paper
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.config.error import ConfigError
from switchgear.config.setup import Book
from switchgear.domain.caller import ANONYMOUS
from switchgear.engine.fault import Lesson
from switchgear.engine.success.prior import decode_prior
from switchgear.ports.handler import Trail
from switchgear.running import Running, Source, open_ledger


def models(running: Running) -> list[str]:
    return [card.id for card in running.current().models(ANONYMOUS)]


async def started(paper: Paper) -> Running:
    running = Running(Source(read=paper.read, environment={}))
    await running.start()
    return running


def test_a_good_config_is_put_in_force_and_a_bad_one_changes_nothing() -> None:
    async def life() -> None:
        paper = Paper("one")
        running = await started(paper)
        first = running.current()
        paper.write("one", "two")
        await running.reload()
        assert models(running) == ["auto", "one", "two"]
        second = running.current()
        assert second is not first
        paper.content = b"targets: {one: {providr: sim}}"
        with pytest.raises(ConfigError, match="provider"):
            await running.reload()
        assert running.current() is second
        await running.aclose()

    asyncio.run(life())


def test_a_tool_that_does_not_exist_is_told_and_changes_nothing() -> None:
    async def life() -> None:
        paper = Paper("one")
        running = await started(paper)
        before = running.current()
        content: Any = msgspec.json.decode(paper.content)
        content["targets"]["odd"] = {
            "kind": "tool",
            "tool": {"function": "no_such_module_here:f", "schema": {"type": "object"}},
        }
        content["aliases"] = {"auto": {"targets": ["one", "odd"]}}
        paper.content = msgspec.json.encode(content)
        with pytest.raises(ConfigError, match="no_such_module_here"):
            await running.reload()
        assert running.current() is before
        await running.aclose()

    asyncio.run(life())


def test_a_call_that_began_under_a_version_ends_under_it() -> None:
    async def life() -> None:
        go = asyncio.Event()

        async def late(_: bytes, writer: asyncio.StreamWriter) -> None:
            await go.wait()
            await WHOLE(b"", writer)

        server = await asyncio.start_server(House(late).host, "127.0.0.1", 0)
        paper = Paper("one", port=server.sockets[0].getsockname()[1])
        running = await started(paper)
        old, call = running.current(), real_call(running, "auto")
        waiting = asyncio.ensure_future(old.handler(call, Trail()))
        await asyncio.sleep(0.05)
        paper.port = 9
        paper.write("two")
        await running.reload()
        go.set()
        reply = await waiting
        assert reply.head.target == "one"
        assert [piece async for piece in reply.pieces][-1].finish is not None
        reply.close()
        entry = await running.house.outside.ledger.find(call.id)
        assert entry is not None
        assert entry.decision is not None
        assert entry.decision.policy == old.setup.policy.version
        assert entry.decision.policy != running.current().setup.policy.version
        await running.aclose()
        server.close()

    asyncio.run(life())


def real_call(running: Running, model: str) -> Any:
    gateway = running.current()
    from_wire = msgspec.json.encode(
        {"model": model, "messages": [{"role": "user", "content": "x"}]}
    )
    body = running.asgi._tongues[a_call().body.dialect].parse(from_wire)
    now = gateway.clock.now()
    return msgspec.structs.replace(a_call(gateway.new_id()), body=body, began=now)


def test_a_reload_that_drops_the_keys_of_a_server_open_to_the_network_changes_nothing() -> None:
    async def life() -> None:
        paper = Paper("one")
        keys = b',"keys":[{"id":"ann","secret":"sk-ann-123456"}]}'
        without, paper.content = paper.content, paper.content[:-1] + keys
        running = Running(Source(read=paper.read, environment={}))
        setup = running.read().setup
        server = msgspec.structs.replace(setup.server, host="0.0.0.0")
        await running.start(msgspec.structs.replace(setup, server=server))
        before = running.current()
        paper.content = without
        with pytest.raises(ConfigError, match="open to the network"):
            await running.reload()
        assert running.current() is before
        await running.aclose()

    asyncio.run(life())


def test_what_learning_may_begin_from_is_at_hand() -> None:
    async def life() -> None:
        running = await started(Paper("one"))
        footing = running.house.brain._footing
        assert footing is not None
        assert decode_prior(footing.prior()).lessons
        await running.aclose()

    asyncio.run(life())


def test_it_must_be_started_first() -> None:
    running = Running(Source(read=bytes, environment={}))
    with pytest.raises(RuntimeError, match="open it first"):
        running.current()


def test_the_ledger_is_where_the_config_says(tmp_path: Any) -> None:
    async def life() -> None:
        assert isinstance(await open_ledger(Book(path=":memory:")), MemoryLedger)
        ledger = await open_ledger(Book(path=str(tmp_path / "x.db")))
        assert isinstance(ledger, SqliteLedger)
        await ledger.aclose()

    asyncio.run(life())
    assert (tmp_path / "x.db").exists()


def test_without_a_config_it_is_made_from_the_environment() -> None:
    source = Source.of(None, {"OPENAI_API_KEY": "sk-test-123456"})
    setup = Running(source).read().setup
    assert {each.tier.name for each in setup.policy.targets} == {"SMALL", "MID", "FRONTIER"}
    assert b"sk-test-123456" not in source.read()


def test_a_reload_asks_again_whom_it_was_denied_and_takes_the_new_patience() -> None:
    async def life() -> None:
        paper = Paper("one", "two")
        running = await started(paper)
        health = running.house.health
        permit = health.admit("one")
        assert permit is not None
        health.give_back("one", permit, Lesson.DENIED)
        shown = running.current().metrics().decode()
        assert 'switchgear_breaker{fault="denied",state="refusing",target="one"} 1.0' in shown
        assert 'switchgear_breaker{fault="",state="admitting",target="two"} 1.0' in shown
        assert health.admit("one") is None
        content: Any = msgspec.json.decode(paper.content)
        content["breaker"] = {"failures": 1}
        paper.content = msgspec.json.encode(content)
        await running.reload()
        for name in ("one", "two"):
            permit = health.admit(name)
            assert permit is not None
            health.give_back(name, permit, Lesson.LOST if name == "two" else Lesson.WELL)
        assert health.admit("two") is None
        await running.aclose()

    asyncio.run(life())
