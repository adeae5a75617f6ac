"""Hand-offs: the package is for the receiver alone, first once, and outlives whoever has it."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from support.entries import entry
from support.relay import KEY, TASK_ID, Relay, looked, said
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.caller import Key
from switchgear.domain.entry import End
from switchgear.domain.errors import MalformedBody
from switchgear.domain.handoff import Handoff, HandoffState
from switchgear.domain.supervision import TaskConflict, UnknownHandoff, UnknownTask
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Status, Task
from switchgear.pipeline.task.handoff import LEASE_MS

Life = Callable[[Relay, Relay], Awaitable[None]]


def live(life: Life) -> None:
    """Run two processes over one store."""

    async def whole() -> None:
        papers = MemoryPapers()
        one = Relay(papers)
        await one.open()
        await life(one, Relay(papers, one.clock))

    asyncio.run(whole())


async def state(relay: Relay, handoff: Handoff) -> HandoffState:
    return (await relay.handoffs.find(TASK_ID, handoff.id, KEY)).state


def test_a_hand_off_has_what_was_heard_and_names_who_works_on_the_task_now() -> None:
    async def life(one: Relay, _: Relay) -> None:
        await one.call("a", looked("x", "y"))
        made = await one.hand(acceptance=("good",))
        assert (made.sender, made.receiver, made.state) == ("a", "b", HandoffState.OPEN)
        assert [each.result for each in made.package.deeds] == ["x it is", "y it is"]
        assert made.package.concluded == "So it is."
        found = await one.tasks.find(TASK_ID)
        assert found is not None
        assert (found.task.agent, found.task.handoffs) == ("b", 1)
        assert found.task.pending == (("b", made.id),)
        assert await one.handoffs.list(TASK_ID, KEY, 5) == (made,)

    live(life)


def test_of_two_processes_one_gives_what_is_given_once() -> None:
    async def life(one: Relay, two: Relay) -> None:
        made = await one.hand(sender="a", once=True)
        await two.tasks.fresh(TASK_ID)
        calls = await asyncio.gather(one.call("b"), two.call("b"), one.call("b"), two.call("b"))
        assert sum("<task_handoff>" in said(call) for call in calls) == 1
        assert await state(one, made) is HandoffState.GIVEN

    live(life)


def test_another_process_hears_of_it_when_the_agent_changes() -> None:
    async def life(one: Relay, two: Relay) -> None:
        await two.call("a")
        await one.hand(sender="a")
        assert "<task_handoff>" in said(await two.call("b"))

    live(life)


@pytest.mark.parametrize("end", [End.ANSWERED, End.FAILED, None])
def test_what_a_lost_process_was_giving_is_given_again_unless_it_was_answered(
    end: End | None,
) -> None:
    async def life(one: Relay, two: Relay) -> None:
        made = await one.hand(sender="a", once=True)
        found = await one.tasks.find(TASK_ID)
        assert found is not None
        assert await one.handoffs.claim(found, made.id, "sg_lost") is not None  # and no more of it
        await two.tasks.fresh(TASK_ID)
        assert said(await two.call("b")) == ""
        if end is not None:
            await one.ledger.write(entry("sg_lost", end=end))
            await two.ledger.write(entry("sg_lost", end=end))
        two.clock.ms += LEASE_MS
        again = "<task_handoff>" in said(await two.call("b"))
        assert again is (end is not End.ANSWERED)
        assert said(await two.call("b")) == ""

    live(life)


def test_a_broken_answer_has_not_used_it_up() -> None:
    async def life(one: Relay, _: Relay) -> None:
        made = await one.hand(sender="a", once=True)
        one.breaks = True
        assert "<task_handoff>" in said(await one.call("b"))
        assert await state(one, made) is HandoffState.OPEN
        one.breaks = False
        assert "<task_handoff>" in said(await one.call("b"))
        assert said(await one.call("b")) == ""

    live(life)


def test_a_later_hand_off_to_the_same_receiver_takes_the_place_of_the_first() -> None:
    async def life(one: Relay, _: Relay) -> None:
        await one.hand(sender="a", note="first")
        assert "first" in said(await one.call("b"))
        await one.hand(sender="a", note="second")
        told = said(await one.call("b"))
        assert "second" in told
        assert "first" not in told

    live(life)


def test_several_receivers_each_get_their_own() -> None:
    async def life(one: Relay, _: Relay) -> None:
        await one.hand("b", sender="a", note="for b")
        await one.hand("c", sender="a", note="for c")
        assert "for c" in said(await one.call("c"))
        assert "for b" in said(await one.call("b"))
        assert "for c" in said(await one.call("c"))
        assert said(await one.call("a")) == ""

    live(life)


def test_what_is_too_delicate_for_who_asks_is_not_shown() -> None:
    async def life(one: Relay, _: Relay) -> None:
        secret = Key(id="k", sensitivity=Sensitivity.RESTRICTED)
        await one.call("a", looked("x"))
        made = await one.hand(by=secret)
        assert len(made.package.deeds) == 1
        shown = await one.handoffs.find(TASK_ID, made.id, KEY)
        assert shown.package.deeds == ()
        assert "x it is" not in said(await one.call("b"))

    live(life)


def test_what_cannot_be_is_refused() -> None:
    async def life(one: Relay, _: Relay) -> None:
        with pytest.raises(MalformedBody):
            await one.hand("a", sender="a")
        with pytest.raises(UnknownTask):
            await one.hand(by=Key(id="other"))
        made = await one.hand(sender="a")
        with pytest.raises(UnknownHandoff):
            await one.handoffs.find(TASK_ID, "ho_none", KEY)
        await one.open("tk_" + "2" * 26)
        with pytest.raises(UnknownHandoff):
            await one.handoffs.find("tk_" + "2" * 26, made.id, KEY)
        await one.tasks.change(TASK_ID, stopped)
        with pytest.raises(TaskConflict):
            await one.hand(sender="a")

    live(life)


def stopped(task: Task) -> Task:
    return msgspec.structs.replace(task, status=Status.STOPPED)
