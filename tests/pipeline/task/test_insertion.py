"""What a task knows, said at the end of its calls."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from typing_extensions import override

from support.commons import ANN, KEY, Commons, commons, memory
from support.stage import a_call
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.config.setup import Contexts as Wanted
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.context import Writer
from switchgear.domain.edit import Append
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Given
from switchgear.domain.mandate import Mandate
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Identity
from switchgear.domain.turn import Role, Text, Turn
from switchgear.pipeline.task.insertion import Inserter, context
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.papers import Paper, PaperKind

ALWAYS, ASKED = Wanted(insert=True), Wanted()
NOBODY = Head(target="", model="", dialect=None, stream=False, tier="", reason="", attempts=0)


def call_of(task: str = "tk_1", *, key: Key = KEY, endpoint: Endpoint = Endpoint.ANSWER) -> Call:
    call = a_call(caller=Caller(key=key))
    mandate = Mandate(identity=Identity(task=task))
    return msgspec.structs.replace(call, mandate=mandate, endpoint=endpoint)


class AwayPapers(MemoryPapers):
    """A store that may be away."""

    down = False

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        if self.down:
            raise LedgerDown
        return await super().find(kind, name)


class Listener:
    """Answers nothing, and remembers the last call."""

    def __init__(self) -> None:
        self.call: Call | None = None

    async def __call__(self, call: Call, trail: Trail) -> Reply:
        del trail
        self.call = call

        async def read() -> None:
            return None

        return Reply(NOBODY, read)

    @property
    def said(self) -> list[str]:
        assert self.call is not None
        edits = [each for each in self.call.mandate.edits if isinstance(each, Append)]
        turns = [turn for each in edits for turn in each.turns]
        return [part.text for turn in turns for part in turn.parts if isinstance(part, Text)]


async def heard(
    place: Commons, call: Call, wanted: Wanted = ALWAYS
) -> tuple[Listener, list[tuple[str, int]]]:
    """Send a call through the layer; return who listens inside, and what is told of it."""
    inside, trail = Listener(), Trail()
    layer = context(Inserter(place.contexts, place.tasks, wanted, place.clock))
    await layer(inside)(call, trail)
    given = [entry for each in trail.facts if isinstance(each, Given) for entry in each.entries]
    return inside, given


def lived(life: Callable[[Commons], Awaitable[None]]) -> None:
    async def run() -> None:
        async with commons(memory) as (here, _):
            await life(here)

    asyncio.run(run())


def test_it_is_said_at_the_tail_and_what_was_given_is_told() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "city", "value": "Paris"})
        inside, given = await heard(here, call_of())
        assert given == [("city", 1)]
        assert '"Paris"' in inside.said[0]
        again, _ = await heard(here, call_of())
        assert again.said == inside.said

    lived(life)


def test_what_is_asked_of_the_request_otherwise_stays() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "city"})
        before = Append((Turn(Role.USER, (Text("nudge"),)),))
        call = call_of()
        mandate = msgspec.structs.replace(call.mandate, edits=(before,), step=7)
        inside, _ = await heard(here, msgspec.structs.replace(call, mandate=mandate))
        assert inside.call is not None
        assert (inside.call.mandate.step, inside.said[0]) == (7, "nudge")

    lived(life)


def test_the_task_asks_for_it_or_the_owner_does() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "city"})
        assert (await heard(here, call_of(), ASKED))[1] == []
        await here.tasks.open(msgspec.structs.replace(here.task, insert=True))
        assert (await heard(here, call_of(), ASKED))[1] == [("city", 1)]

    lived(life)


@pytest.mark.parametrize(
    "call",
    [call_of(""), call_of("tk_other"), call_of(endpoint=Endpoint.EMBED)],
    ids=["no task", "no context", "vectors"],
)
def test_a_call_that_has_no_use_for_it_goes_in_as_it_came(call: Call) -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "city"})
        inside, given = await heard(here, call)
        assert inside.call is call
        assert given == []

    lived(life)


def test_an_answer_that_the_caller_has_begun_is_not_parted_from_its_beginning() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "city"})
        call = call_of()
        talk = call.body.conversation
        turns = (*talk.turns, Turn(Role.ASSISTANT, (Text("The city is"),)))
        body = msgspec.structs.replace(
            call.body,  # type: ignore[type-var]  # the stage's body is a struct
            conversation=msgspec.structs.replace(talk, turns=turns),
        )
        assert (await heard(here, msgspec.structs.replace(call, body=body)))[1] == []

    lived(life)


def test_what_is_too_sensitive_for_the_call_is_left_out_of_it() -> None:
    async def life(here: Commons) -> None:
        await here.ask(
            {"key": "iban", "value": "DE1"}, by=Writer(sensitivity=Sensitivity.RESTRICTED)
        )
        inside, given = await heard(here, call_of())
        assert given == []
        assert "DE1" not in inside.said[0]
        able = Key(id="k", sensitivity=Sensitivity.RESTRICTED)
        assert (await heard(here, call_of(key=able)))[1] == [("iban", 1)]

    lived(life)


def test_what_ends_is_said_no_more() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "offer", "ttl": 5}, {"key": "city"})
        assert len((await heard(here, call_of()))[1]) == 2
        here.clock.ms += 5000
        assert (await heard(here, call_of()))[1] == [("city", 1)]

    lived(life)


def test_a_call_is_refused_where_its_context_cannot_be_known() -> None:
    async def life() -> None:
        papers = AwayPapers()
        here = Commons(papers)
        await here.ask({"key": "a"}, by=ANN)
        papers.down = True
        assert (await heard(here, call_of()))[1] == [("a", 1)]
        with pytest.raises(LedgerDown):
            await heard(here, call_of("tk_unknown"))

    asyncio.run(life())


def test_the_end_of_an_entry_is_on_the_log_also_when_calls_have_missed_it_before() -> None:
    async def life(here: Commons) -> None:
        await here.ask({"key": "offer", "ttl": 5})
        here.clock.ms += 5000
        assert (await heard(here, call_of()))[1] == []
        await here.ask({"key": "city"})
        log = await here.contexts.log("tk_1")
        assert [(each.change.key, each.change.deed) for each in log][1:] == [
            ("offer", "end"),
            ("city", "set"),
        ]

    lived(life)
