"""At a cap a task gets what is declared, and never more than the cap."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest
from typing_extensions import override

from support.capped import (
    FINE,
    ONE,
    STEPS,
    WORK,
    Capped,
    a_step,
    names,
    owners,
    refused,
    stage,
    status,
)
from support.cast import CALC, LARGE, MID, SMALL, policy
from support.funded import Bills
from support.stage import LoopClock, Scenery
from support.virtual_time import run
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script
from switchgear.config.setup import Supervision
from switchgear.domain.account import Account, Amount, Payer
from switchgear.domain.decision import Strategy
from switchgear.domain.edit import Append, ChooseTool
from switchgear.domain.errors import UpstreamFailed
from switchgear.domain.fact import Capped as CappedFact
from switchgear.domain.fact import Neared
from switchgear.domain.supervision import OverTaskCap, TaskPaused, TaskSpent
from switchgear.domain.task import AtCap, Caps, Status
from switchgear.domain.ticket import Ruling, Verdict
from switchgear.domain.turn import Choice, Text
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cap import BUDGET, CAP, raised
from switchgear.engine.spent import told_again
from switchgear.ports.budget import Level
from switchgear.ports.handler import Trail


def test_of_two_hundred_calls_at_once_as_many_are_answered_as_the_cap_has_steps() -> None:
    async def life() -> None:
        there = stage(owners(steps=STEPS))
        live = await there.open()
        found = Counter(await there.all([a_step(name) for name in names(200)]))
        assert found == {"": STEPS, "task_spent": 200 - STEPS}
        assert (await there.level(there.account(live))).calls == STEPS
        assert len(there.upstream.orders) == STEPS
        await there.aclose()
        await there.balanced(there.account(live))

    run(life())


def test_of_two_hundred_calls_at_once_as_many_are_answered_as_the_money_pays_for() -> None:
    async def life() -> None:
        probe = stage(owners(steps=1))
        await probe.open()
        await probe.ask(a_step("c0"))
        cost = probe.paid("c0").money
        # what is set aside for a call is more than it costs; so it pays to ask for one at a time
        there = stage(owners(money=NanoUsd(STEPS * cost)))
        live = await there.open()
        found = [await there.ask(a_step(name)) for name in names(60)]
        answered = found.count("")
        level = await there.level(there.account(live))
        assert 0 < answered <= STEPS
        assert level.money == answered * cost <= STEPS * cost
        assert set(found[answered:]) == {"over_task_cap"}
        await there.aclose()
        await there.balanced(there.account(live))

    run(life())


@pytest.mark.parametrize(
    ("caps", "code"),
    [
        ({"steps": 0}, "task_spent"),
        ({"tokens": Tokens(0)}, "over_task_cap"),
        ({"money": NanoUsd(0)}, "over_task_cap"),
        ({"wall": Seconds(0.0)}, "task_spent"),
    ],
)
def test_a_cap_of_nought_is_nothing_at_all(caps: dict[str, object], code: str) -> None:
    async def life() -> None:
        there = stage(owners(**caps))
        await there.open()
        assert await there.ask(a_step("c1")) == code
        assert not there.upstream.orders

    run(life())


def test_where_there_is_no_cap_nothing_is_paid_and_nothing_is_asked_of_the_accounts() -> None:
    async def life() -> None:
        there = stage(owners())
        await there.open()
        assert await there.ask(a_step("c1")) == ""
        assert there.bills.charges["c1"] == ()

    run(life())


def test_a_task_that_is_only_guessed_is_neither_refused_nor_charged() -> None:
    async def life() -> None:
        there = stage(owners(steps=0))
        await there.open()
        call = a_step("c1")
        identity = msgspec.structs.replace(call.mandate.identity, confidence=0.5)
        mandate = msgspec.structs.replace(call.mandate, identity=identity)
        assert await there.ask(msgspec.structs.replace(call, mandate=mandate)) == ""

    run(life())


def test_a_refusal_names_the_cap_what_was_used_and_what_to_do() -> None:
    async def life() -> None:
        there = stage(owners(steps=1))
        await there.open()
        await there.ask(a_step("c1"))
        error = await refused(there, "c2")
        assert isinstance(error, TaskSpent)
        assert error.message == (
            "The task has come to a cap: its cap of 1 steps is used up, 1 were taken. To go on, "
            f"have caps.steps raised: PATCH /v1/tasks/{WORK}, or switchgear tasks raise {WORK}"
            " --cap steps=…"
        )

    run(life())


def test_a_call_that_takes_more_money_than_is_left_is_told_both_figures() -> None:
    async def life() -> None:
        there = stage(owners(money=NanoUsd(100)))
        await there.open()
        error = await refused(there, "c1", output=50_000)
        assert isinstance(error, OverTaskCap)
        assert "its cap of $0.0000001 has $0.0000001 left, and this call may take $" in str(error)
        assert "caps.usd" in str(error)

    run(life())


def test_a_task_that_is_stopped_by_a_cap_says_the_same_again_and_goes_on_when_it_is_raised() -> (
    None
):
    async def life() -> None:
        there = stage(owners(steps=1))
        live = await there.open()
        assert await there.all([a_step("c1")]) == [""]
        assert await there.ask(a_step("c2")) == "task_spent"
        assert (status(live), live.task.code) == (Status.STOPPED, CAP)
        assert isinstance(told_again(live.task), TaskSpent)
        await there.tasks.change(WORK, lambda task: raised(task, Caps(steps=2)))
        assert status(live) is Status.RUNNING
        assert [await there.ask(a_step(name)) for name in ("c3", "c4")] == ["", "task_spent"]

    run(life())


def test_a_task_waits_where_it_is_to_be_paused() -> None:
    async def life() -> None:
        there = stage(owners(tokens=Tokens(10), at_cap=AtCap.PAUSE))
        live = await there.open()
        error = await refused(there, "c1")
        assert isinstance(error, TaskPaused)
        assert "is paused: its cap of 10 tokens has 10 tokens left" in error.message
        assert (status(live), live.task.code) == (Status.PAUSED, BUDGET)

    run(life())


def test_a_human_is_asked_once_however_many_calls_come_to_the_cap() -> None:
    async def life() -> None:
        there = stage(owners(steps=0, at_cap=AtCap.TICKET))
        live = await there.open()
        found = await there.all([a_step(name) for name in names(20)])
        assert set(found) <= {"task_paused", "task_spent"}
        assert status(live) is Status.PAUSED
        ticket = await there.tickets.find(live.task.ticket)
        assert "its cap of 0 steps is used up" in ticket.question.text
        assert len([note for note in await there.tasks.history(WORK) if b"pause" in note.body]) == 1
        ruling = Ruling(verdict=Verdict.ANSWER, answer='"yes"', caps=Caps(steps=3))
        await there.tickets.decide(ticket.id, ruling)
        assert status(live) is Status.RUNNING
        assert await there.ask(a_step("d1")) == ""

    run(life())


def test_the_last_step_is_kept_for_a_final_answer_without_tools_and_then_it_is_over() -> None:
    async def life() -> None:
        there = stage(owners(steps=3, at_cap=AtCap.WRAP_UP))
        live = await there.open()
        assert [await there.ask(a_step(f"c{n}", tools=True)) for n in range(3)] == ["", "", ""]
        choice, words = there.upstream.orders[2].edits
        assert not there.upstream.orders[1].edits
        assert isinstance(choice, ChooseTool)
        assert choice.choice.choice is Choice.NONE
        assert isinstance(words, Append)
        (text,) = words.turns[0].parts
        assert isinstance(text, Text)
        assert "This task has come to a cap: its cap of 3 steps is used up" in text.text
        await there.clerks.aclose()
        assert status(live) is Status.STOPPED
        assert [each.reservation for each in there.bills.charges["c2"]] == ["c2.1000"]
        assert there.entry("c2").evidence == "its cap of 3 steps is used up, 2 were taken"
        assert (await there.level(there.account(live))).calls == 3

    run(life())


def test_the_reserve_of_money_is_spent_by_the_final_answer_alone() -> None:
    async def life() -> None:
        there = stage(owners(tokens=Tokens(1_000), at_cap=AtCap.WRAP_UP), reserve=0.5)
        live = await there.open()
        assert await there.ask(a_step("c1", output=400)) == ""
        assert there.upstream.orders[0].edits == ()
        assert await there.ask(a_step("c2", output=600)) == ""
        assert there.upstream.orders[1].edits
        await there.clerks.aclose()
        assert status(live) is Status.STOPPED
        assert (await there.level(there.account(live))).tokens <= 1_000

    run(life())


def test_a_final_answer_that_is_too_dear_itself_is_refused_as_by_stop() -> None:
    async def life() -> None:
        there = stage(owners(tokens=Tokens(100), at_cap=AtCap.WRAP_UP), reserve=0.5)
        live = await there.open()
        assert await there.ask(a_step("c1", output=400)) == "over_task_cap"
        assert status(live) is Status.STOPPED

    run(life())


def test_cheaper_targets_serve_what_is_left() -> None:
    async def life() -> None:
        rules = policy([SMALL, LARGE], plan_length=1, strategy=Strategy.QUALITY)
        caps = owners(money=NanoUsd(1_000_000), at_cap=AtCap.DOWNGRADE)
        tasks = Supervision(caps=caps)
        there = Capped({"small": FINE, "large": FINE}, rules, tasks=tasks)
        live = await there.open()
        assert await there.ask(a_step("c1", output=1_000)) == ""
        entry = there.entry("c1")
        assert entry.target == "small"
        assert entry.decision is not None
        assert entry.decision.plan == ("small",)
        assert status(live) is Status.RUNNING
        assert await there.ask(a_step("c2", output=90_000)) == "over_task_cap"
        assert status(live) is Status.STOPPED

    run(life())


def test_an_attempt_that_failed_is_not_counted_twice_when_the_next_one_answers() -> None:
    async def life() -> None:
        tasks = Supervision(caps=owners(steps=2))
        scripts: dict[str, Script] = {"small": Refuses(UpstreamFailed, 500), "mid": FINE}
        there = Capped(scripts, policy([SMALL, MID]), tasks=tasks)
        live = await there.open()
        assert await there.ask(a_step("c1")) == ""
        assert (await there.level(there.account(live))).calls == 1

    run(life())


class Raising(MemoryBudgets):
    """Lets something happen whenever it is asked how accounts stand."""

    def __init__(self) -> None:
        super().__init__(LoopClock())
        self.happen: Callable[[], Awaitable[object]] | None = None

    @override
    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        found = await super().levels(accounts)
        if self.happen is not None:
            await self.happen()
        return found


def test_a_task_that_is_given_more_at_the_same_moment_is_not_paused() -> None:
    async def life() -> None:
        bills = Bills()
        bills.budgets = slow = Raising()
        tasks = Supervision(caps=owners(steps=0, at_cap=AtCap.PAUSE))
        there = Capped({"small": FINE}, ONE, Scenery(ledger=bills), tasks=tasks)
        live = await there.open()
        slow.happen = lambda: there.tasks.change(WORK, lambda task: raised(task, Caps(steps=5)))
        assert await there.ask(a_step("c1")) == "task_paused"
        assert status(live) is Status.RUNNING
        assert await there.ask(a_step("c2")) == ""

    run(life())


def test_no_call_begins_when_the_time_is_up_and_one_that_waits_does_so_no_longer() -> None:
    async def life() -> None:
        tasks = Supervision(caps=owners(wall=Seconds(10.0)))
        there = Capped({"small": Says("hi", after=Seconds(25.0))}, ONE, tasks=tasks)
        await there.open()
        assert await there.ask(a_step("c1")) == "out_of_time"
        await asyncio.sleep(1.0)
        error = await refused(there, "c2")
        assert isinstance(error, TaskSpent)
        assert "its cap of 10 s of wall time is used up" in error.message

    run(life())


def test_a_deadline_that_was_given_ends_a_task_too() -> None:
    async def life() -> None:
        there = stage(owners())
        live = await there.open(deadline=UnixMs(0))
        error = await refused(there, "c1")
        assert "its deadline, 1970-01-01T00:00:00Z, has passed" in error.message
        assert live.task.code == "deadline"

    run(life())


def test_the_owner_is_told_when_a_task_comes_near_its_cap() -> None:
    async def life() -> None:
        there = stage(owners(steps=4))
        await there.open()
        trails = [Trail() for _ in range(4)]
        for number, trail in enumerate(trails):
            reply = await there.handler(a_step(f"c{number}"), trail)
            reply.close()
        shares = [[it.share for it in each.facts if isinstance(it, Neared)] for each in trails]
        assert shares == [[], [], [0.75], [1.0]]
        (told,) = [it for it in trails[3].facts if isinstance(it, Neared)]
        assert told.payer is Payer.TASK

    run(life())


def test_a_new_life_has_its_caps_whole_again() -> None:
    async def life() -> None:
        there = stage(owners(steps=1))
        live = await there.open()
        assert await there.ask(a_step("c1")) == ""
        live.task = msgspec.structs.replace(live.task, run=live.task.run + 1)
        assert await there.ask(a_step("c2")) == ""
        assert await there.level(there.account(live)) == Amount(
            money=there.paid("c2").money, tokens=there.paid("c2").tokens, calls=1
        )

    run(life())


def test_the_declared_tool_answers_at_the_cap_and_no_other_target() -> None:
    async def life() -> None:
        tasks = Supervision(caps=owners(steps=1, at_cap=AtCap.TOOL), tool="calc")
        there = Capped({"small": FINE, "calc": Says("42")}, policy([SMALL, CALC]), tasks=tasks)
        live = await there.open()
        assert [await there.ask(a_step(name)) for name in ("c1", "c2", "c3")] == ["", "", ""]
        assert [there.entry(name).target for name in ("c1", "c2", "c3")] == [
            "small",
            "calc",
            "calc",
        ]
        assert (await there.level(there.account(live))).calls == 1
        assert status(live) is Status.RUNNING

    run(life())


def test_what_was_done_at_a_cap_is_on_the_trail() -> None:
    async def life() -> None:
        there = stage(owners(steps=1, at_cap=AtCap.WRAP_UP))
        await there.open()
        trail = Trail()
        (await there.handler(a_step("c1"), trail)).close()
        (fact,) = [each for each in trail.facts if isinstance(each, CappedFact)]
        assert fact.action is AtCap.WRAP_UP

    run(life())
