"""Keeps what is said of decisions."""

from collections.abc import Sequence

import pytest
from typing_extensions import override

from support.asked import HandClock
from support.cast import TARGETS
from support.entries import entry
from support.room import NOW, POLICY, Room, lived
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.caller import ANONYMOUS, Key, Right
from switchgear.domain.errors import LedgerDown, MalformedBody, UnknownDecision
from switchgear.domain.outcome import Fitness, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.policydoc import encode_policy
from switchgear.engine.saying import Saying
from switchgear.pipeline.learning.outcome import Outcomes, may_judge
from switchgear.ports.papers import Paper, PaperKind, Sought, Write, Written

APP = Key(id="app")


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
    assert not may_judge(Key(), entry(key=""))


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
