"""What is heard of tasks is bounded, and hand-offs are watched from the receiver's first call."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from support.relay import Relay, looked
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.handoff import Friction, Handoff, HandoffState
from switchgear.domain.units import Tokens
from switchgear.pipeline.task import witness
from switchgear.pipeline.task.handoff import handoff_in
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.witness import IDLE, MOST_EDGES
from switchgear.ports.papers import PaperKind, Sought

TASK = "tk_" + "1" * 26


def live(life: Callable[[Relay], Awaitable[None]]) -> None:
    async def whole() -> None:
        relay = Relay(MemoryPapers())
        await relay.open()
        await life(relay)

    asyncio.run(whole())


async def kept(relay: Relay) -> list[Handoff]:
    papers = await relay.handoffs._stand.papers.list(Sought(kind=PaperKind.HANDOFF))
    return sorted([handoff_in(each) for each in papers], key=lambda it: it.sender)


def watched(relay: Relay) -> Friction:
    heard = relay.witness.known(TASK)
    assert heard is not None
    assert heard.watched is not None
    return heard.watched.friction


def test_the_receivers_calls_are_watched_until_it_has_something_new() -> None:
    async def life(relay: Relay) -> None:
        await relay.call("a", looked("x", "y"))
        await relay.call("b")
        assert watched(relay) == Friction(calls=1, reread=Tokens(100))
        relay.clock.ms += 2000
        await relay.call("b", looked("x", by="b"))
        assert watched(relay) == Friction(calls=2, reread=Tokens(200), repeated=1)
        relay.clock.ms += 2000
        await relay.call("b", looked("x", "z", by="b"))
        found = watched(relay)
        assert (found.turns, found.seconds, found.repeated, found.reread) == (2, 4.0, 1, 200)

    live(life)


def test_what_the_receivers_first_call_brings_was_the_senders() -> None:
    async def life(relay: Relay) -> None:
        await relay.call("a")
        await relay.call("b", looked("x"))
        await relay.call("b", looked("x"))
        assert watched(relay).repeated == 0
        heard = relay.witness.known(TASK)
        assert heard is not None
        assert [each.agent for each in heard.history.deeds] == ["a"]

    live(life)


def test_each_pair_has_one_document_and_what_was_said_its_own() -> None:
    async def life(relay: Relay) -> None:
        for agent in ("a", "b", "a", "b"):
            await relay.call(agent)
        made = await relay.hand("c")
        await relay.call("c")
        await relay.frictions.flush()
        found = await kept(relay)
        assert [(it.sender, it.receiver, it.times, len(it.friction)) for it in found] == [
            ("a", "b", 2, 2),
            ("b", "a", 1, 1),
            ("b", "c", 1, 1),
        ]
        assert [it.state for it in found[:2]] == [HandoffState.IMPLICIT] * 2
        assert found[2].id == made.id
        assert found[2].state is HandoffState.GIVEN

    live(life)


def test_who_is_not_heard_of_any_more_is_watched_no_more() -> None:
    async def life(relay: Relay) -> None:
        await relay.call("a")
        await relay.call("b")
        await relay.frictions.flush()
        assert await kept(relay) == []
        relay.clock.ms += round(IDLE * 1000) + 1
        await relay.frictions.flush()
        assert len(await kept(relay)) == 1
        heard = relay.witness.known(TASK)
        assert heard is not None
        assert heard.watched is None

    live(life)


def test_at_the_end_nothing_that_was_seen_is_lost() -> None:
    async def life(relay: Relay) -> None:
        await relay.call("a")
        await relay.call("b")
        relay.frictions.keep(relay.nursery)
        await asyncio.sleep(0)
        await relay.frictions.aclose()
        assert len(await kept(relay)) == 1

    live(life)


def test_a_task_with_agents_without_end_is_watched_for_some_of_them() -> None:
    async def life(relay: Relay) -> None:
        for number in range(MOST_EDGES + 5):
            await relay.call(f"agent-{number}")
        heard = relay.witness.known(TASK)
        assert heard is not None
        assert len(heard.edges) == MOST_EDGES
        assert len(relay.witness.ended) == MOST_EDGES

    live(life)


def test_what_is_heard_is_bounded_over_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_HEARD", 2)

    async def life(relay: Relay) -> None:
        found = await relay.tasks.find(TASK)
        assert found is not None
        for name in ("x", "y", "z"):
            other = Live(found.task)
            other.task = type(found.task)(id=name, opened=found.task.opened)
            relay.witness.hear(other, await relay.call("a"))
        assert relay.witness.known("x") is None
        assert relay.witness.known("z") is not None

    live(life)


def test_letters_are_bounded_over_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_LETTERS", 1000)

    async def life(relay: Relay) -> None:
        found = await relay.tasks.find(TASK)
        assert found is not None
        call = await relay.call("a", looked("x", "y"))
        for name in ("x", "y", "z"):
            other = Live(type(found.task)(id=name, opened=found.task.opened))
            relay.witness.hear(other, call)
        assert [relay.witness.known(it) is not None for it in ("x", "y", "z")] == [0, 0, 1]
        assert relay.witness._size <= 1000

    live(life)
