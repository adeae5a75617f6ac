"""Which calls have to do with hand-offs, and what is put into them."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from support.relay import HI, TASK_ID, Relay, looked, mends, said
from support.stage import a_call
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.body import Recalled
from switchgear.domain.edit import Mend
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.turn import Role, Text, ToolUse, Turn
from switchgear.pipeline.task.handing import _begun, _mend


def live(life: Callable[[Relay], Awaitable[None]], papers: MemoryPapers | None = None) -> None:
    async def whole() -> None:
        relay = Relay(papers or MemoryPapers())
        await relay.open()
        await life(relay)

    asyncio.run(whole())


def test_a_task_that_nobody_handed_over_is_left_as_it_is() -> None:
    async def life(relay: Relay) -> None:
        for agent in ("a", "a", ""):
            call = await relay.call(agent, looked("x")[:2])
            assert call.mandate.edits == ()

    live(life)


def test_what_an_agent_left_is_mended_for_the_next_also_where_nobody_said_so() -> None:
    async def life(relay: Relay) -> None:
        await relay.call("a")
        assert mends(await relay.call("b"))
        assert mends(await relay.call("b"))
        found = await relay.tasks.find(TASK_ID)
        assert found is not None
        assert (found.task.agent, found.task.handoffs) == ("b", 1)

    live(life)


def test_vectors_and_what_is_hardly_known_have_nothing_to_do_with_it() -> None:
    async def life(relay: Relay) -> None:
        call = await relay.call("a", endpoint=Endpoint.EMBED)
        assert relay.witness.known(TASK_ID) is None
        await relay.call("", sure=False)
        assert relay.witness.known(TASK_ID) is None
        assert call.mandate.edits == ()

    live(life)


def test_who_has_begun_an_answer_gets_nothing_put_after_it() -> None:
    begun = (HI, Turn(Role.ASSISTANT, (Text("Once"),)))

    async def life(relay: Relay) -> None:
        await relay.hand(sender="a")
        assert said(await relay.call("b", begun)) == ""
        assert "<task_handoff>" in said(await relay.call("b", looked("x")[:2]))

    live(life)


@pytest.mark.parametrize(
    ("turns", "begun"),
    [
        ((), False),
        ((HI,), False),
        ((HI, Turn(Role.ASSISTANT, (Text("Once"),))), True),
        (looked("x")[:2], False),
    ],
)
def test_an_open_call_of_a_tool_is_no_answer_begun(turns: tuple[Turn, ...], *, begun: bool) -> None:
    talk = msgspec.structs.replace(a_call().body.conversation, turns=turns)
    assert _begun(talk) is begun


def test_calls_are_named_that_are_open_in_an_answer_which_a_request_only_names() -> None:
    body = a_call().body
    uses = (ToolUse(id="c1", name="f", arguments=""), ToolUse(id="c2", name="f", arguments=""))
    recalled = Recalled(body, (HI, Turn(Role.ASSISTANT, (Text("so"), *uses))), body.conversation)
    assert _mend(recalled) == Mend(("c1", "c2"))
    assert _mend(Recalled(body, (), body.conversation)) == _mend(body) == Mend()
