"""Keeps what is said of decisions, and sees some of it itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from typing_extensions import override

from support.asked import HandClock
from support.cast import SHAPE, TARGETS, ask, policy
from support.entries import decision, entry
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.caller import ANONYMOUS, Key, Right
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown, MalformedBody, UnknownDecision
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.ticket import Decided, Question, Ruling, Ticket, TicketState, Verdict
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.engine.saying import Saying
from switchgear.pipeline.learning.notice import Notices
from switchgear.pipeline.learning.outcome import MOST_KEPT, Outcomes, may_judge
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Paper, PaperKind, Sought, Write, Written

APP = Key(id="app")
POLICY = versioned(policy())
NOW = 1_000_000


class Room:
    """The desk, and what it stands on."""

    def __init__(self) -> None:
        self.ledger, self.papers, self.nursery = MemoryLedger(), MemoryPapers(), Nursery()
        self.desk = Outcomes(self.papers, self.ledger, HandClock())
        self.desk.expect(POLICY.version, TARGETS)
        self.notices = Notices(self.desk, self.ledger, HandClock(), self.nursery)
        self.heard: list[Outcome] = []
        self.desk.told = lambda outcome, _entry: self.heard.append(outcome)

    async def call(self, name: str, at: int = NOW, **changes: Any) -> Entry:
        fields = {"key": "app", "decision": decision(policy=POLICY.version), **changes}
        row = entry(name, at=UnixMs(at), took=Seconds(0.1), **fields)
        self.notices.hear(row)
        await self.ledger.write(row)
        return row

    async def settle(self) -> None:
        await self.nursery.aclose(Seconds(5.0))


def lived(life: Callable[[Room], Awaitable[None]]) -> None:
    async def whole() -> None:
        room = Room()
        try:
            await life(room)
        finally:
            await room.settle()

    asyncio.run(whole())


def ticket(state: TicketState, verdict: Verdict, **more: Any) -> Ticket:
    asking = {"text": "?", "task": "tk", **more.pop("question", {})}
    ended = {"ruling": Ruling(verdict=verdict), "by": "boss", "at": UnixMs(NOW + 9_000)}
    return Ticket(
        id="ti_1",
        question=Question(**asking),
        asked=UnixMs(NOW + 5_000),
        deadline=UnixMs(NOW + 99_000),
        state=state,
        decided=Decided(**{**ended, **more}),
    )


def test_what_is_kept_is_told_once_with_the_tiers_of_then() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1")
        saying = Saying(decision="sg_1", override="mid", source=Source.HUMAN)
        told = await room.desk.say(saying, APP)
        again = await room.desk.say(saying, APP)
        assert (told.repeated, again.repeated) == (False, True)
        assert room.heard == [told.outcome]
        assert (told.outcome.served, told.outcome.wanted) == (Tier.SMALL, Tier.MID)
        assert told.label is not None
        assert (told.label.good, told.label.needed) == (0.0, Tier.MID)
        (paper,) = await room.papers.list(Sought(kind=PaperKind.OUTCOME, key="app"))
        assert (paper.id, paper.made, paper.of) == ("sg_1", NOW, "")
        (note,) = await room.papers.notes(PaperKind.OUTCOME, "sg_1")
        assert note.id == told.outcome.id

    lived(life)


def test_a_target_of_the_policy_that_decided_may_be_named_though_it_is_gone_since() -> None:
    async def life(room: Room) -> None:
        await room.ledger.keep_policy(POLICY.version, encode_policy(POLICY))
        await room.call("sg_1")
        room.desk.expect("v2", TARGETS[:1])
        saying = Saying(decision="sg_1", override="large", source=Source.HUMAN)
        told = await room.desk.say(saying, APP)
        assert told.outcome.wanted is Tier.FRONTIER
        with pytest.raises(MalformedBody, match="GET /v1/models"):
            await room.desk.say(Saying(decision="sg_1", override="nobody"), APP)

    lived(life)


def test_a_verdict_that_its_override_contradicts_is_refused() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1", target="mid")
        for verdict, better in (("underpowered", "small"), ("overprovisioned", "large")):
            said = Saying(decision="sg_1", verdict=Fitness(verdict), override=better)
            with pytest.raises(MalformedBody, match="contradict one another"):
                await room.desk.say(said, APP)
        assert await room.desk.of("sg_1") == ()

    lived(life)


def test_who_may_judge_is_who_called_or_who_decides_in_that_tenant() -> None:
    row = entry(key="app", tenant="acme")
    decides = frozenset({Right.DECIDE})
    may = [
        ANONYMOUS,
        Key(id="app", tenant="acme"),
        Key(id="x", tenant="acme", rights=decides),
        Key(id="x", tenant="acme", debug=True),
        Key(id="x", rights=decides),
    ]
    not_may = [
        Key(),
        Key(id="x", tenant="acme"),
        Key(id="x", tenant="other", rights=decides),
        Key(id="x", tenant="other", debug=True),
        Key(id="x", rights=frozenset({Right.METRICS})),
    ]
    assert all(may_judge(each, row) for each in may)
    assert not any(may_judge(each, row) for each in not_may)


def test_a_store_that_is_away_keeps_nothing_and_says_so() -> None:
    class Away(MemoryPapers):
        @override
        async def write(self, writes: Sequence[Write]) -> Written:
            raise LedgerDown(str(writes))

    async def life(room: Room) -> None:
        await room.call("sg_1")
        desk = Outcomes(Away(), room.ledger, HandClock())
        desk.told = lambda outcome, _entry: room.heard.append(outcome)
        with pytest.raises(LedgerDown):
            await desk.say(Saying(decision="sg_1", score=1.0), APP)
        with pytest.raises(UnknownDecision):
            await desk.say(Saying(decision="sg_2", score=1.0), APP)
        assert room.heard == []

    lived(life)


def test_what_a_newer_release_wrote_is_left_as_it_is() -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1")
        paper = Paper(
            kind=PaperKind.OUTCOME, id="sg_1", made=UnixMs(1), body=b'[{"source":"oracle"}]'
        )
        await room.papers.write((Write(paper=paper),))
        with pytest.raises(LedgerDown, match="newer release"):
            await room.desk.say(Saying(decision="sg_1", score=1.0), APP)
        assert await room.papers.find(PaperKind.OUTCOME, "sg_1") == paper

    lived(life)


def test_a_question_that_is_asked_again_says_little_against_the_first_answer() -> None:
    async def life(room: Room) -> None:
        question = ask(grams=b"some words", shape=SHAPE)
        await room.call("sg_1", task="tk", ask=question)
        await room.call("sg_2", NOW + 5_000, task="tk", ask=question)
        await room.settle()
        (one,) = await room.desk.of("sg_1")
        assert (one.source, one.score, one.id) == (Source.RETRY, 0.0, "retry-sg_2")
        assert await room.desk.of("sg_2") == ()
        assert room.heard == [one]

    lived(life)


def test_where_nothing_is_learnt_nobody_remembers_questions() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        for number in range(2):
            await room.call(f"sg_{number}", NOW + number * 5_000, task="tk")
        await room.settle()
        assert await room.desk.of("sg_0") == ()

    lived(life)


@pytest.mark.parametrize(("rung", "kept"), [("nudge", 1), ("stop", 1), ("observe", 0), ("", 0)])
def test_a_loop_that_was_acted_on_speaks_against_the_answer_before(rung: str, kept: int) -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk_1")
        await room.call("sg_2", NOW + 1_000, task="tk_1", target="", decision=None)
        await room.call("sg_3", NOW + 1_000, task="tk_2")
        await room.call("sg_4", NOW + 2_000, task="tk_1", rung=rung)
        await room.settle()
        assert [each.source for each in await room.desk.of("sg_1")] == [Source.LOOP] * kept
        for other in ("sg_2", "sg_3", "sg_4"):
            assert await room.desk.of(other) == ()

    lived(life)


def test_a_task_that_a_human_takes_over_was_not_done_by_who_answered_last() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk")
        await room.call("sg_2", NOW + 1_000, task="tk")
        await room.call("sg_3", NOW + 6_000, task="tk")
        for _ in range(2):
            room.notices.decided(ticket(TicketState.TAKEN_OVER, Verdict.TAKE_OVER))
        await room.settle()
        (one,) = await room.desk.of("sg_2")
        assert (one.source, one.override, one.by) == (Source.HUMAN, "human", "boss")
        assert await room.desk.of("sg_1") == await room.desk.of("sg_3") == ()

    lived(life)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (ticket(TicketState.DENIED, Verdict.DENY, question={"action": "{}"}), 1),
        (ticket(TicketState.DENIED, Verdict.DENY), 0),
        (ticket(TicketState.APPROVED, Verdict.APPROVE, question={"action": "{}"}), 0),
        (ticket(TicketState.EXPIRED, Verdict.DENY, by_default=True), 0),
        (ticket(TicketState.TAKEN_OVER, Verdict.TAKE_OVER, question={"task": ""}), 0),
    ],
    ids=["denied action", "denied task", "approved", "by default", "no task"],
)
def test_only_what_a_human_set_aside_speaks_against_an_answer(found: Ticket, kept: int) -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1", task="tk")
        room.notices.decided(found)
        await room.settle()
        assert len(await room.desk.of("sg_1")) == kept

    lived(life)


def test_what_we_see_ourselves_has_a_bound_too() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk")
        for number in range(MOST_KEPT + 3):
            later = entry(f"sg_l{number}", at=UnixMs(NOW + 9), task="tk", rung="nudge")
            room.notices.hear(later)
            await asyncio.sleep(0)
        await room.settle()
        assert 0 < len(await room.desk.of("sg_1")) <= MOST_KEPT

    lived(life)
