"""What a process learns, and how it stays one with those beside it."""

import logging

import msgspec
import pytest

from support.cast import ask
from support.entries import READY, decision
from support.school import PLAIN, School, chance, chances, learning, lived
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Decided
from switchgear.domain.learning import Exploring, Use
from switchgear.domain.odds import NO_ODDS
from switchgear.domain.outcome import Outcome, Source
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.policy import Promise
from switchgear.pipeline.learning.brain import Brain
from switchgear.pipeline.learning.refit import Refits, here
from switchgear.ports.papers import Paper, PaperKind, Write


def test_a_brain_that_has_learnt_nothing_says_nothing() -> None:
    assert Brain().odds(ask()) == NO_ODDS


def test_what_is_said_of_a_decision_is_learnt_and_named() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await brain.round()
        assert brain.odds(ask()) == NO_ODDS
        await school.judged(40, 0.0)
        await brain.round()
        said = brain.odds(ask(agent="a"))
        assert said.version == "v0+40"
        assert (chance(brain) or 1.0) < 0.2
        assert brain.ear.learnt["said"] == 40

    lived(life)


def test_all_processes_learn_the_same_whoever_was_told() -> None:
    async def life(school: School) -> None:
        brains = [await school.brain() for _ in range(3)]
        school.desk.told = brains[0].told
        await school.judged(30, 1.0)
        await school.judged(10, 0.0, target="mid")
        for each in brains:
            await each.round()
        assert len(set(chances(brains))) == 1
        assert len(set(chances(brains, "mid"))) == 1
        assert {each.odds(ask()).version for each in brains} == {"v0+40"}

    lived(life)


def test_what_is_heard_twice_is_learnt_once() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(20, 1.0)
        await brain.round()
        before = brain.odds(ask())
        brain._number = brain.ear._number = 1  # all that was ever written is heard again
        await brain.round()
        assert brain.odds(ask()) == before

    lived(life)


def test_who_says_otherwise_later_is_heard() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        row = await school.call("sg_1")
        await school.say(row, 1.0)
        await brain.round()
        await school.say(row, 0.0)
        await brain.round()
        assert brain.odds(ask()).version == "v0+2"

    lived(life)


def test_a_restart_learns_again_what_came_since_the_version() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(30, 0.0)
        await brain.round()
        again = await school.brain()
        await again.round()
        assert chance(again) == chance(brain)

    lived(life)


def test_flaws_that_show_on_a_call_are_learnt_without_anybody_saying_so() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        for number in range(40):
            brain.hear(await school.flawed(f"sg_{number}"))
        await brain.round()
        assert (chance(brain) or 1.0) < 0.2
        assert brain.ear.learnt == {"seen": 40}

    lived(life)


def test_answers_of_which_nobody_speaks_are_only_heard_where_flaws_were_seen() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        brain.hear(await school.call("sg_1"))
        assert len(brain.ear) == 0
        brain.hear(await school.flawed("sg_2"))
        brain.hear(await school.call("sg_3"))
        assert len(brain.ear) == 2

    lived(life)


def test_nothing_is_heard_kept_or_said_where_learning_is_off() -> None:
    async def life(school: School) -> None:
        brain = await school.brain(learning(use=Use.OFF))
        row = await school.call("sg_1")
        await school.say(row, 0.0)
        brain.hear(row)
        brain.told(await _outcome(school, row.id), row)
        await brain.round()
        assert brain.odds(ask()) is NO_ODDS
        assert not brain.ear._recent

    lived(life)


def test_to_switch_learning_off_silences_what_was_learnt() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(40, 0.0)
        await brain.round()
        brain.expect(learning(use=Use.OFF), school.policy)
        assert brain.odds(ask()) is NO_ODDS
        brain.expect(learning(use=Use.WATCH), school.policy)
        assert brain.odds(ask()).chances

    lived(life)


def test_thousands_of_hostile_words_of_one_key_do_not_turn_what_a_hundred_of_ten_said() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        for name in "abcdefghij":
            await school.judged(10, 1.0, by=name)
        await brain.round()
        await school.judged(1, 0.0, by="hostile")
        await brain.round()
        said = brain.mind._since[-1]
        for _ in range(8):  # as if the same were said of 2,000 more calls
            brain.ear.put_back([said] * 250)
            await brain.learn()
        assert (chance(brain) or 0.0) > 0.6

    lived(life)


def test_a_key_that_is_alone_is_believed() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(100, 0.0, by="only")
        await brain.round()
        assert (chance(brain) or 1.0) < 0.05

    lived(life)


def test_promises_that_nothing_was_measured_for_are_kept_by_nobody() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        promise = Promise(failures=0.1, confidence=0.95)
        changed = msgspec.structs.replace(school.policy, promise=promise)
        brain.expect(learning(), changed)
        await school.judged(5, 1.0)
        await brain.round()
        bars = brain.odds(ask()).bars
        assert {each.target for each in bars} == {each.id for each in changed.targets}
        assert all(each.least > 1 and each.failures == 0.1 for each in bars)

    lived(life)


def test_exploring_is_offered_what_was_lent_and_never_more() -> None:
    async def life(school: School) -> None:
        explore = Exploring(share=0.1, daily=NanoUsd(96_000))
        brain = await school.brain(learning(explore=explore))
        assert brain.odds(ask()) == NO_ODDS
        await brain.round()
        said = brain.odds(ask())
        assert (said.purse, said.rate) == (1_000, 0.1)
        watching = await school.brain(learning(explore=explore, use=Use.WATCH))
        await watching.round()
        assert watching.odds(ask()) == NO_ODDS

    lived(life)


def test_a_damaged_head_is_told_and_nothing_is_in_force(caplog: pytest.LogCaptureFixture) -> None:
    async def life(school: School) -> None:
        paper = Paper(kind=PaperKind.BRAIN, id="head", made=school.now(), body=b"{nonsense")
        await school.papers.write((Write(paper=paper),))
        with caplog.at_level(logging.ERROR):
            brain = await school.brain()
        assert "cannot be read" in caplog.text
        await school.judged(10, 1.0)
        await brain.round()
        assert brain.odds(ask()).version == "v0+10"

    lived(life)


def test_a_damaged_version_is_told_and_learnt_on_without(caplog: pytest.LogCaptureFixture) -> None:
    async def life(school: School) -> None:
        await school.judged(60, 0.0)
        await Refits((school.ledger, school.papers), school.clock, here).run(PLAIN, school.policy)
        paper = await school.papers.find(PaperKind.BRAIN, "v1/model")
        assert paper is not None
        damaged = msgspec.structs.replace(paper, revision=paper.revision + 1, body=b'{"format":9}')
        await school.papers.write((Write(paper=damaged),))
        with caplog.at_level(logging.ERROR):
            brain = await school.brain()
        assert "v1 cannot be used" in caplog.text
        assert brain.odds(ask()) == NO_ODDS
        await school.judged(3, 1.0)
        await brain.round()
        assert brain.odds(ask()).version == "v1+3"

    lived(life)


def test_a_store_that_is_away_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise LedgerDown("gone")

    async def life(school: School) -> None:
        brain = await school.brain()
        await school.judged(5, 1.0)
        await brain.round()
        with monkeypatch.context() as patch:
            patch.setattr(school.papers, "since", away)
            with pytest.raises(LedgerDown):
                await brain.round()
            await brain.start()  # which would begin again and again
            assert brain.odds(ask()).version == "v0+5"
        await school.judged(2, 1.0)
        await brain.round()
        assert brain.odds(ask()).version == "v0+7"

    lived(life)


def test_only_what_is_acted_on_is_paid_for() -> None:
    async def life(school: School) -> None:
        explore = Exploring(share=0.1, daily=NanoUsd(96_000))
        brain = await school.brain(learning(explore=explore))
        await brain.round()
        costs = {"small": 100, "mid": 700}
        tried = decision(
            plan=("mid", "small"),
            verdicts=tuple(
                Verdict(name, Reason.FALLBACK, cost=NanoUsd(cost)) for name, cost in costs.items()
            ),
            explored=True,
        )
        made = Decided(ask=ask(), situation=READY, decision=tried, odds=brain.odds(ask()))
        brain.chose(msgspec.structs.replace(made, mode=Mode.OBSERVE))
        assert brain.spent == 0
        brain.chose(made)
        assert (brain.spent, brain.left) == (600, 400)
        brain.chose(msgspec.structs.replace(made, decision=decision()))
        assert brain.spent == 600

    lived(life)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MOST_RECENT", 5), ("MOST_HEARD", 6), ("MOST_SPOTS", 4)):
        monkeypatch.setattr(f"switchgear.pipeline.learning.ear.{name}", most)

    async def life(school: School) -> None:
        brain = await school.brain()
        for number in range(20):
            brain.hear(await school.flawed(f"sg_{number}", f"a{number}", request=b"x"))
        ear = brain.ear
        assert (len(ear._recent), len(ear._heard), len(ear._spots)) == (5, 6, 4)
        assert all(each.request is None for each in ear._recent.values())

    lived(life)


def test_a_call_that_ends_is_heard_with_the_key_that_made_it() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        brain.hear(await school.flawed("sg_1", key="loud"))
        assert [each.by for each in brain.ear.take(9)] == ["loud"]

    lived(life)


def test_the_age_of_what_is_in_force_is_known() -> None:
    async def life(school: School) -> None:
        brain = await school.brain()
        assert brain.age == 0.0
        brain.made = school.now()
        school.clock.advance(Seconds(5.0))
        assert brain.age == 5.0

    lived(life)


async def _outcome(school: School, name: str) -> Outcome:
    (found,) = await school.desk.of(name)
    assert found.source is Source.EVAL
    return found
