"""The layer of tasks: whose a call is, what the ladder does with it, and where it is at home."""

import asyncio
from contextlib import suppress

import msgspec
import pytest

from support.overseen import GO, JOB, Overseen, a_step, lived, looks, read
from switchgear.adapters.upstreams.scripted import Refuses, Says
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import LedgerDown, SwitchgearError, UpstreamBusy
from switchgear.domain.looping import Final, Looping, Stance
from switchgear.domain.task import Status, Task
from switchgear.domain.ticket import Ruling, TicketState, Verdict
from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.ports.handler import Trail

FINE = {"small": Says("hi"), "mid": Says("hi"), "large": Says("hi")}
SMALL = {"small": Says("hi")}


async def circled(scene: Overseen, until: int) -> list[tuple[str, str]]:
    """Let the job look for the same so often, one call after the other."""
    return [await scene.ask(*looks(times)) for times in range(until + 1)]


def by_hand(task: Task, status: Status) -> Task:
    return msgspec.structs.replace(task, status=status, why="enough", code="by_hand")


def test_steps_are_counted_and_what_is_no_step_is_only_known() -> None:
    async def life(scene: Overseen) -> None:
        await scene.ask()
        await scene.ask(GO, endpoint=Endpoint.EMBED)
        assert (scene.row.task, scene.row.step) == (JOB, 0)
        await scene.ask(handler=scene.aside)
        assert (scene.row.task, scene.row.step) == (JOB, 0)
        await scene.ask()
        assert (scene.row.task, scene.row.step, scene.row.task_source) == (
            *(JOB, 2),
            "x-switchgear-task",
        )
        assert scene.live.steps == 2

    lived(life, SMALL)


def test_a_loop_climbs_and_the_paused_task_waits_for_its_ticket() -> None:
    async def life(scene: Overseen) -> None:
        found = await circled(scene, 10)
        rungs = [rung for _, rung in found]
        assert rungs[:4] == [""] * 4
        assert rungs[4:] == ["nudge", "nudge", *["escalate"] * 2, *["restrict"] * 2, "pause"]
        assert found[-1][0] == "task_paused"
        assert "look" in scene.row.evidence
        task = scene.live.task
        assert (task.status, task.code) == (Status.PAUSED, "loop")
        assert "exact_repeat" in task.why
        assert "c11" in task.why
        ticket = await scene.tickets.find(task.ticket)
        assert ticket.state is TicketState.OPEN
        assert (await scene.ask(*looks(11)))[0] == "task_paused"
        await scene.tickets.decide(task.ticket, Ruling(verdict=Verdict.APPROVE))
        assert await scene.ask(*looks(12)) == ("small", "nudge"), "its ladder is not fresh"

    lived(life, SMALL)


def test_a_ticket_that_is_denied_stops_the_task() -> None:
    async def life(scene: Overseen) -> None:
        await circled(scene, 10)
        await scene.tickets.decide(scene.live.task.ticket, Ruling(verdict=Verdict.DENY))
        assert (await scene.ask(*looks(11)))[0] == "task_stopped"

    lived(life, SMALL)


def test_who_sends_the_same_again_and_again_is_stopped_and_may_still_be_let_go_on() -> None:
    async def life(scene: Overseen) -> None:
        await circled(scene, 10)
        found = [await scene.ask(*looks(10)) for _ in range(20)]
        codes = [code for code, _ in found]
        assert codes[0] == "task_paused"
        assert codes[-1] == "task_stopped"
        assert [rung for _, rung in found].count("stop") == 1
        await scene.tickets.decide(scene.live.task.ticket, Ruling(verdict=Verdict.APPROVE))
        assert (await scene.ask(*looks(10)))[0] == "small"

    lived(life, SMALL)


def test_an_escalation_tries_the_stronger_first_and_the_task_goes_home_with_its_user() -> None:
    async def life(scene: Overseen) -> None:
        found = await circled(scene, 6)
        assert [who for who, _ in found[:6]] == ["small"] * 6
        assert found[6] == ("mid", "escalate")
        assert scene.live.task.home == "small"
        assert scene.live.course.away
        answer = Turn(Role.ASSISTANT, (Text("I found nothing."),))
        after = (*looks(6), answer, Turn(Role.USER, (Text("Now the other."),)))
        assert (await scene.ask(*after))[0] == "small"
        assert not scene.live.course.away

    lived(life, FINE)


def test_a_task_whose_target_failed_goes_home_at_its_next_user_turn() -> None:
    async def life(scene: Overseen) -> None:
        assert (await scene.ask())[0] == "small"
        scene.scripts["small"] = Refuses(UpstreamBusy)
        more = (*(GO, Turn(Role.ASSISTANT, (Text("hi"),))), Turn(Role.USER, (Text("More."),)))
        assert (await scene.ask(*more))[0] == "mid"
        assert scene.live.course.away
        scene.scripts["small"] = Says("hi")
        await asyncio.sleep(60)
        still = (*more, Turn(Role.ASSISTANT, (Text("hi"),)), Turn(Role.USER, (Text("And?"),)))
        assert (await scene.ask(*still))[0] == "small"
        decision = scene.row.decision
        assert decision is not None
        assert decision.sticky
        assert not scene.live.course.away

    lived(life, FINE)


def test_a_task_that_was_never_displaced_is_held_nowhere() -> None:
    async def life(scene: Overseen) -> None:
        await scene.ask()
        await scene.ask()
        decision = scene.row.decision
        assert decision is not None
        assert not decision.sticky

    lived(life, FINE)


def test_halted_by_hand_is_refused_and_so_are_children_but_not_who_is_not_sure() -> None:
    async def life(scene: Overseen) -> None:
        await scene.ask()
        await scene.tasks.change(JOB, lambda task: by_hand(task, Status.STOPPED))
        assert (await scene.ask())[0] == "task_stopped"
        assert (await scene.ask(task="part", parent_task="job"))[0] == "task_stopped"
        assert (await scene.ask(task="other"))[0] == "small"
        await scene.tasks.change(JOB, lambda task: by_hand(task, Status.PAUSED))
        assert [(await scene.ask())[0] for _ in range(9)] == ["task_paused"] * 9
        live = scene.live
        assert live.task.status is Status.PAUSED, "what a human paused was stopped by a client"

    lived(life, SMALL)


def test_a_task_that_has_too_many_children_is_paused_with_them() -> None:
    async def life(scene: Overseen) -> None:
        await scene.ask()
        found = [await scene.ask(task=f"part {each}", parent_task="job") for each in range(60)]
        codes = [code for code, _ in found]
        assert codes[0] == "small"
        assert codes[-1] == "task_paused"
        assert scene.live.task.status is Status.PAUSED
        assert "pause" in [rung for _, rung in found]
        assert (await scene.ask())[0] == "task_paused"

    lived(life, SMALL)


def test_what_children_led_to_is_done_with_the_next_call_of_their_parent() -> None:
    async def life(scene: Overseen) -> None:
        await scene.ask()
        while scene.live.course.due is None:
            await scene.ask(task=f"part {scene.count}", parent_task="job")
        assert await scene.ask() == ("small", "nudge")
        assert scene.row.signals == ("fan_out",)

    lived(life, SMALL)


def test_nothing_is_done_where_nobody_looks() -> None:
    async def life(scene: Overseen) -> None:
        assert {rung for _, rung in await circled(scene, 12)} == {""}

    lived(life, SMALL, looping=Looping(stance=Stance.OFF))


def test_a_client_that_wants_no_error_gets_an_answer_of_ours() -> None:
    async def life(scene: Overseen) -> None:
        found = await circled(scene, 11)
        assert found[-2:] == [("", "pause"), ("", "pause")]
        assert (scene.row.status, scene.row.cost, scene.row.attempts) == (200, 0, ())
        await scene.tasks.change(JOB, lambda task: by_hand(task, Status.STOPPED))
        assert (await scene.ask())[0] == "task_stopped"

    lived(life, SMALL, looping=Looping(final=Final.MESSAGE))


def test_no_call_slips_through_while_the_task_is_being_paused() -> None:
    async def life(scene: Overseen) -> None:
        await circled(scene, 9)
        calls = [a_step(f"x{each}", *looks(10)) for each in range(20)]
        got = await asyncio.gather(
            *(scene.handler(call, Trail()) for call in calls), return_exceptions=True
        )
        codes = [each.code for each in got if isinstance(each, SwitchgearError)]
        assert codes == ["task_paused"] * 20

    lived(life, SMALL)


@pytest.mark.parametrize("point", range(1, 4))
def test_a_caller_that_leaves_at_the_pause_does_not_prevent_it(point: int) -> None:
    async def life(scene: Overseen) -> None:
        await circled(scene, 9)

        async def last() -> None:
            with suppress(SwitchgearError):
                await read(await scene.handler(a_step("last", *looks(10)), Trail()))

        async with asyncio.TaskGroup() as group:
            work = group.create_task(last())
            for _ in range(point):
                await asyncio.sleep(0)
            work.cancel()
        await asyncio.sleep(1)
        assert scene.live.task.status is Status.PAUSED
        assert scene.live.course.closing is None
        assert scene.stage.slots.taken == 0

    lived(life, SMALL)


def test_a_store_that_is_down_does_not_keep_a_task_from_being_paused() -> None:
    async def life(scene: Overseen) -> None:
        await circled(scene, 9)

        async def down(*_: object) -> None:
            raise LedgerDown

        scene.papers.write = scene.papers.find = scene.papers.list = down  # type: ignore[method-assign,assignment]  # it is down
        assert (await scene.ask(*looks(10)))[0] == "task_paused"
        assert (await scene.ask(*looks(11)))[0] == "task_paused"
        assert scene.live.task.ticket == ""
        scene.live.dirty = False

    lived(life, SMALL)


def test_two_agents_that_hand_the_task_back_and_forth_climb_it_together() -> None:
    async def life(scene: Overseen) -> None:
        turns: list[Turn] = [GO]
        rungs: list[str] = []
        signals: set[str] = set()
        for number in range(16):
            _, rung = await scene.ask(*turns, agent="ab"[number % 2])
            rungs.append(rung)
            signals.update(scene.row.signals)
            name, reason = f"transfer_to_{'ba'[number % 2]}", f'{{"reason":"{number} of them"}}'
            asked = ToolUse(id=f"call-{number}", name=name, arguments=reason)
            gave = ToolResult(id=f"call-{number}", parts=(Text(f"yours, {number}"),))
            turns += [Turn(Role.ASSISTANT, (asked,)), Turn(Role.USER, (gave,))]
        assert "ping_pong" in signals
        assert "pause" in rungs
        assert rungs[-1] == "stop", "who goes on all the same is stopped"

    lived(life, SMALL)
