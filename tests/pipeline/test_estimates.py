"""What each model counts is learnt from its answers, and told before the next call."""

import asyncio

import msgspec
from typing_extensions import override

from support.cast import ask, shape
from support.entries import attempt, entry
from support.stage import Stage, a_call
from support.virtual_time import run
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Gives
from switchgear.domain.ask import Counts
from switchgear.domain.attempt import Role
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.event import Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.piece import Piece
from switchgear.domain.turn import Text
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.estimates import EVERY, MOST_MODELS, SETTLED, Estimates, warm
from switchgear.ports.handler import Trail
from switchgear.ports.ledger import Query

WORDS = shape(chars=500, turns=1, counts=Counts(lower=400, gaps=80, marks=20, known=True))

OPENED = Piece(b"data: o\n\n", (Opened(id="x", model="m"),))
HI = Piece(b"data: hi\n\n", (TextDelta("hi"),))
USED = Usage(input=Tokens(10), output=Tokens(1))
END = Piece(b"data: [DONE]\n\n", (Finished(stop=Stop.END, usage=USED),))


def test_models_are_learnt_apart_and_others_by_what_all_have_in_common() -> None:
    estimates = Estimates()
    for _ in range(30):
        estimates.learn(WORDS, "coarse", Tokens(90))
        estimates.learn(WORDS, "fine", Tokens(150))
    coarse, fine = estimates.input_tokens(WORDS, "coarse"), estimates.input_tokens(WORDS, "fine")
    assert abs(coarse - 90) <= 9
    assert abs(fine - 150) <= 15
    assert coarse < estimates.input_tokens(WORDS, "unmet") < fine
    assert estimates.input_tokens(WORDS) == estimates.input_tokens(WORDS, "unmet")


def test_a_new_model_begins_with_what_is_known_of_others() -> None:
    estimates = Estimates()
    for _ in range(30):
        estimates.learn(WORDS, "first", Tokens(200))
    estimates.learn(WORDS, "second", Tokens(200))
    assert abs(estimates.input_tokens(WORDS, "second") - 200) <= 20


def test_rows_of_older_releases_are_estimated_by_their_characters() -> None:
    assert Estimates().input_tokens(shape(chars=400, turns=1)) == 105


def test_from_a_settled_model_little_is_learnt_and_pictures_teach_nothing() -> None:
    estimates = Estimates()
    estimates.learn(msgspec.structs.replace(WORDS, images=1), "m", Tokens(3_000))
    assert not estimates._known
    for _ in range(SETTLED + 10 * EVERY):
        estimates.learn(WORDS, "m", Tokens(120))
    assert estimates._known["m"].seen == SETTLED + 10


def test_no_more_models_are_known_than_the_bound_allows() -> None:
    estimates = Estimates()
    for number in range(MOST_MODELS + 5):
        estimates.learn(WORDS, f"m{number}", Tokens(120))
    assert len(estimates._known) == MOST_MODELS
    assert "m0" not in estimates._known


def test_an_answer_teaches_and_the_next_one_is_expected_by_that() -> None:
    question = Text("Tell me a little of the weather in the north of Norway. " * 10)

    async def life() -> None:
        stage = Stage({"small": Gives((OPENED, HI, END))})
        for name in ("c1", "c2"):
            reply = await stage.handler(a_call(name, question, model="small"), Trail())
            async for _ in reply:
                pass
            reply.close()
        first, second = (stage.entry(name).attempts[0] for name in ("c1", "c2"))
        assert first.usage is not None
        known = stage.means.estimates._known
        assert {name: each.seen for name, each in known.items()} == {first.model: 2}
        # The scripted target says that it counted next to nothing.
        assert first.usage.input < second.expected_input < first.expected_input
        ask = stage.entry("c2").ask
        assert ask is not None
        assert ask.input_tokens == second.expected_input

    run(life())


def test_a_gateway_that_starts_learns_from_what_its_ledger_holds() -> None:
    async def life() -> None:
        ledger = MemoryLedger()
        for number in range(40):
            await ledger.write(answered(f"sg_{number}", Usage(input=Tokens(240))))
        estimates = Estimates()
        await warm(estimates, ledger)
        assert abs(estimates.input_tokens(WORDS, "model-a") - 240) <= 24

    asyncio.run(life())


def test_what_was_estimated_or_told_of_no_end_is_not_learnt_from() -> None:
    usage = Usage(input=Tokens(240))
    estimates = Estimates()
    estimates.recall(
        [
            answered("sg_1", usage, estimated=True),
            answered("sg_2", usage, stop=None),
            answered("sg_3", usage, role=Role.RESCUE),
            answered("sg_4", None),
            msgspec.structs.replace(answered("sg_5", usage), ask=None),
        ]
    )
    assert not estimates._known


def test_a_ledger_that_is_down_or_slow_keeps_no_gateway_from_starting() -> None:
    class Down(MemoryLedger):
        @override
        async def list(self, query: Query) -> tuple[Entry, ...]:
            raise LedgerDown(f"gone, with {query.limit} rows")

    class Slow(MemoryLedger):
        @override
        async def list(self, query: Query) -> tuple[Entry, ...]:
            await asyncio.Event().wait()
            return await super().list(query)

    async def life() -> None:
        for ledger in (Down(), Slow()):
            await warm(Estimates(), ledger, Seconds(0.01))

    asyncio.run(life())


def answered(name: str, usage: Usage | None, **changes: object) -> Entry:
    told = attempt("a", **{"usage": usage, "stop": Stop.END, **changes})
    return entry(name, ask=ask(shape=WORDS), attempts=(told,))
