"""The gateway as the surfaces see it."""

import asyncio
from typing import Any

import pytest

from support.stage import a_call
from support.words import Paper
from switchgear.domain.caller import ANONYMOUS, Caller, Key
from switchgear.domain.errors import UnknownKey, UnknownModel
from switchgear.ports.handler import Trail
from switchgear.ports.ledger import Query
from switchgear.running import Running, Source


def lived(life: Any) -> None:
    async def whole() -> None:
        running = Running(Source(read=Paper("one", "two").read, environment={}))
        await running.start()
        await life(running)
        await running.aclose()

    asyncio.run(whole())


def test_a_key_is_shown_only_what_it_may_ask_for() -> None:
    async def life(running: Running) -> None:
        gateway = running.current()
        assert [card.id for card in gateway.models(ANONYMOUS)] == ["auto", "one", "two"]
        assert [card.id for card in gateway.models(Key(models=frozenset({"one"})))] == ["one"]
        assert gateway.authenticate(None, None) is ANONYMOUS

    lived(life)


def test_ids_are_new_each_time_and_sort_by_time() -> None:
    async def life(running: Running) -> None:
        ids = [running.current().new_id() for _ in range(100)]
        assert len(set(ids)) == 100
        assert all(each.startswith("sg_") and len(each) == 29 for each in ids)
        assert [each[:10] for each in ids] == sorted(each[:10] for each in ids)

    lived(life)


def test_a_preview_raises_what_the_call_would() -> None:
    async def life(running: Running) -> None:
        with pytest.raises(UnknownModel):
            await running.current().preview(a_call(model="gpt-17"))

    lived(life)


def test_a_key_without_the_right_to_debug_lists_only_its_own() -> None:
    async def life(running: Running) -> None:
        gateway = running.current()
        with pytest.raises(UnknownModel):
            await gateway.handler(a_call(model="gpt-17"), Trail())
        assert await gateway.decisions(Query(key="", limit=5), Key(id="ann")) == []
        (found,) = await gateway.decisions(Query(limit=5), ANONYMOUS)
        assert found["outcome"]["code"] == "unknown_model"  # type: ignore[index]  # JSON-able values
        assert await gateway.decision("c1", Key(id="ann")) is None
        assert await gateway.decision("c1", ANONYMOUS) is not None

    lived(life)


def test_the_right_to_debug_shows_decisions_of_its_own_tenant_alone() -> None:
    async def life(running: Running) -> None:
        gateway = running.current()
        mine = Key(id="ann", tenant="acme")
        with pytest.raises(UnknownModel):
            await gateway.handler(a_call(model="gpt-17", caller=Caller(key=mine)), Trail())
        for tenant, seen in (("acme", 1), ("", 1), ("other", 0)):
            key = Key(id="eve", tenant=tenant, debug=True)
            assert len(await gateway.decisions(Query(limit=5), key)) == seen
            assert (await gateway.decision("c1", key) is not None) == (seen == 1)
        assert not await gateway.decisions(Query(tenant="acme"), Key(tenant="other", debug=True))

    lived(life)


def test_a_key_is_shown_no_target_that_it_may_not_use() -> None:
    async def life(running: Running) -> None:
        key = Key(id="ann", targets=frozenset({"two"}))
        assert [card.id for card in running.current().models(key)] == ["auto", "two"]

    lived(life)


def test_with_keys_a_stranger_is_turned_away() -> None:
    paper = Paper("one")
    paper.content = paper.content[:-1] + b',"keys":[{"id":"ann","secret":"sk-ann-123456"}]}'

    async def life() -> None:
        running = Running(Source(read=paper.read, environment={}))
        await running.start()
        with pytest.raises(UnknownKey):
            running.current().authenticate(None, "sk-other")
        assert running.current().authenticate(None, "sk-ann-123456").id == "ann"
        await running.aclose()

    asyncio.run(life())
