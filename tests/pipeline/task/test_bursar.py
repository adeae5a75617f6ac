"""Whose caps a call has to keep, what children are promised, and who may be opened below whom."""

import asyncio

import msgspec
import pytest

from support.capped import STEPS, a_step, owners, stage, status
from support.virtual_time import run
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.supervision import OverTaskCap, TaskSpent
from switchgear.domain.task import Caps, Status
from switchgear.domain.units import NanoUsd


def test_a_call_pays_in_its_own_account_and_in_all_above_it() -> None:
    async def life() -> None:
        there = stage(owners(steps=10))
        top = await there.open("tk_top")
        middle = await there.child("tk_middle", top, Caps())
        leaf = await there.child("tk_leaf", middle, Caps(steps=3))
        found = [await there.ask(a_step(f"c{number}", "tk_leaf")) for number in range(4)]
        assert found == ["", "", "", "task_spent"]
        levels = [await there.level(there.account(each)) for each in (top, middle, leaf)]
        assert [each.calls for each in levels] == [3, 3, 3]
        assert len({(each.money, each.tokens) for each in levels}) == 1

    run(life())


def test_a_parents_cap_holds_for_it_and_its_children_together_and_the_child_gets_its_part() -> None:
    async def life() -> None:
        there = stage(owners(steps=STEPS))
        top = await there.open("tk_top")
        child = await there.child("tk_child", top, Caps(steps=12))
        calls = [a_step(f"p{number}", "tk_top") for number in range(100)]
        calls += [a_step(f"k{number}", "tk_child") for number in range(100)]
        found = await there.all(calls)
        assert found[:100].count("") == STEPS - 12
        assert found[100:].count("") == 12
        assert (await there.level(there.account(top))).calls == STEPS
        assert (await there.level(there.account(child))).calls == 12
        await there.aclose()

    run(life())


def test_what_a_closed_child_has_not_spent_returns_to_its_parent() -> None:
    async def life() -> None:
        there = stage(owners(steps=5))
        top = await there.open("tk_top")
        await there.child("tk_child", top, Caps(steps=4))
        assert [await there.ask(a_step(f"k{n}", "tk_child")) for n in range(2)] == ["", ""]
        assert [await there.ask(a_step(f"p{n}", "tk_top")) for n in range(2)] == ["", "task_spent"]
        usage = await there.bursar.standing(top)
        assert (usage.spent.calls, usage.promised.calls, usage.left.calls) == (3, 2, 0)
        assert status(top) is Status.RUNNING
        await there.tasks.change(
            "tk_child", lambda task: msgspec.structs.replace(task, status=Status.DONE)
        )
        found = [await there.ask(a_step(f"q{n}", "tk_top")) for n in range(3)]
        assert found == ["", "", "task_spent"]

    run(life())


@pytest.mark.parametrize(
    ("caps", "code", "words"),
    [
        (Caps(steps=6), "task_spent", "has 5 steps left to promise, and the child asks for 6"),
        (Caps(money=NanoUsd(9)), "over_task_cap", "has $0.000000008 left to promise"),
    ],
)
def test_a_child_cannot_be_promised_more_than_is_left(caps: Caps, code: str, words: str) -> None:
    async def life() -> None:
        there = stage(owners(steps=5, money=NanoUsd(8)))
        top = await there.open("tk_top")
        with pytest.raises((TaskSpent, OverTaskCap)) as caught:
            await there.child("tk_child", top, caps)
        assert caught.value.code == code
        assert words in caught.value.message
        await there.child("tk_first", top, Caps(steps=3))
        with pytest.raises(TaskSpent):
            await there.child("tk_second", top, Caps(steps=3))
        await there.child("tk_third", top, Caps(steps=2))

    run(life())


def test_there_is_an_end_to_generations_and_to_children_that_are_open() -> None:
    async def life() -> None:
        there = stage(owners(depth=2, fan_out=2))
        top = await there.open("tk_0")
        one = await there.child("tk_1", top, Caps())
        two = await there.child("tk_2", one, Caps())
        with pytest.raises(TaskSpent, match="2 generations of tasks below it, and this would be"):
            await there.child("tk_3", two, Caps())
        await there.child("tk_4", top, Caps())
        with pytest.raises(TaskSpent, match="has 2 children open"):
            await there.child("tk_5", top, Caps())
        await there.tasks.change(
            "tk_4", lambda task: msgspec.structs.replace(task, status=Status.DONE)
        )
        await there.child("tk_5", top, Caps())

    run(life())


def test_more_than_the_owner_allows_takes_the_right_to_say_so() -> None:
    bursar = stage(owners(steps=5, money=NanoUsd(7))).bursar
    bursar.check(Caps(steps=5, tokens=None, depth=9), Key(id="k"))
    with pytest.raises(NotAllowed, match=r"caps\.steps, caps\.usd"):
        bursar.check(Caps(steps=6, money=NanoUsd(8)), Key(id="k"))
    bursar.check(Caps(steps=6), Key(id="root", rights=frozenset({Right.ADMIN})))


def test_a_child_that_never_came_is_waited_for_a_minute_and_no_longer() -> None:
    async def life() -> None:
        there = stage(owners(steps=5, fan_out=1))
        top = await there.open("tk_top")
        await there.bursar.admit(top, "tk_lost", Caps(steps=5))
        assert await there.ask(a_step("c1", "tk_top")) == "task_spent"
        assert status(top) is Status.RUNNING
        with pytest.raises(TaskSpent):
            await there.bursar.admit(top, "tk_other")
        await asyncio.sleep(61.0)
        await there.bursar.admit(top, "tk_other")
        assert [each.id for each in top.task.children] == ["tk_other"]
        assert await there.ask(a_step("c2", "tk_top")) == ""

    run(life())


def test_a_task_without_caps_stands_with_nothing_counted() -> None:
    async def life() -> None:
        there = stage(owners())
        usage = await there.bursar.standing(await there.open())
        assert usage.spent.calls == 0
        assert usage.left.calls is usage.left.money is None
        assert usage.due is None

    run(life())


def test_a_promise_that_others_were_quicker_than_is_taken_back() -> None:
    async def life() -> None:
        there = stage(owners(steps=5))
        top = await there.open("tk_top")
        there.papers.wait = 0.1
        asked = asyncio.ensure_future(there.bursar.admit(top, "tk_child", Caps(steps=5)))
        await asyncio.sleep(0.05)
        assert await there.ask(a_step("c1", "tk_top")) == ""
        with pytest.raises(TaskSpent, match="has 4 steps left to promise"):
            await asked
        assert top.task.children == ()
        assert await there.ask(a_step("c2", "tk_top")) == ""

    run(life())


def test_many_children_at_once_are_never_promised_more_than_there_is() -> None:
    async def life() -> None:
        there = stage(owners(steps=10))
        top = await there.open("tk_top")
        there.papers.wait = 0.1
        found = await asyncio.gather(
            *[there.bursar.admit(top, f"tk_{number}", Caps(steps=3)) for number in range(8)],
            return_exceptions=True,
        )
        assert [each is None for each in found].count(True) == 3
        assert len(top.task.children) == 3

    run(life())
