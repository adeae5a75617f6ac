"""What is known of the tier that a decision needed, word by word."""

import pytest

from support.entries import attempt
from support.figured import TIERS, call, chosen, said
from switchgear.domain.attempt import Role
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.engine.draw import EXPLORED
from switchgear.engine.figure.need import CLIP, Need, need_of

GOOD = said(score=1.0)
BAD = said(score=0.0)


def known(target: str, *words: Outcome, **changes: object) -> Need | None:
    return need_of(call("sg_1", target, **changes), words, TIERS)


@pytest.mark.parametrize(
    ("target", "word", "needed"),
    [
        ("small", GOOD, Tier.SMALL),
        ("small", BAD, Tier.MID),
        ("small", said(Fitness.UNDERPOWERED), Tier.MID),
        ("mid", BAD, Tier.FRONTIER),
        ("mid", said(Fitness.GOOD_FIT), Tier.MID),
        ("mid", said(Fitness.OVERPROVISIONED), Tier.SMALL),
        ("large", said(Fitness.OVERPROVISIONED), Tier.MID),
        ("large", said(Fitness.GOOD_FIT), Tier.FRONTIER),
        ("large", said(override="small"), Tier.SMALL),
        ("small", said(override="large"), Tier.FRONTIER),
    ],
)
def test_a_word_tells_which_tier_was_needed(target: str, word: Outcome, needed: Tier) -> None:
    found = known(target, word)
    assert found is not None
    assert (found.chosen, found.needed) == (TIERS[target], needed)
    assert found.passed is (TIERS[target] >= needed)


def test_a_good_answer_of_a_dearer_tier_leaves_open_whether_a_cheaper_one_does() -> None:
    found = known("mid", GOOD)
    assert found is not None
    assert found.open
    assert found.passed


def test_where_no_cheaper_tier_could_have_served_it_is_right() -> None:
    verdicts = (
        Verdict("small", Reason.TOO_SMALL),
        Verdict("mid", Reason.CHOSEN),
        Verdict("large", Reason.NOT_NEEDED),
    )
    found = known("mid", GOOD, decision=chosen("mid", verdicts=verdicts))
    assert found is not None
    assert (found.tiers, found.needed) == ((Tier.MID, Tier.FRONTIER), Tier.MID)


def test_one_that_the_policy_holds_too_weak_could_have_served() -> None:
    verdicts = (Verdict("small", Reason.TOO_WEAK), Verdict("mid", Reason.CHOSEN))
    found = known("mid", GOOD, decision=chosen("mid", verdicts=verdicts))
    assert found is not None
    assert found.tiers == (Tier.SMALL, Tier.MID)


def test_what_the_strongest_failed_at_tells_nothing_of_tiers() -> None:
    assert known("large", BAD) is None
    assert known("large", said(Fitness.FAILED)) is None


def test_nothing_is_known_where_nothing_was_said_or_the_words_contradict_each_other() -> None:
    assert known("small") is None
    one = said(score=1.0, source=Source.LABEL, by="a", id="1")
    other = said(score=0.0, source=Source.HUMAN, by="b", id="2")
    assert known("small", one, other) is None
    assert need_of(call(), (GOOD,), {}) is None
    assert known("small", GOOD, decision=None) is None


def test_a_call_that_went_up_was_judged_too_low_and_its_need_is_what_did() -> None:
    tries = (attempt("small"), attempt("mid", role=Role.ESCALATION))
    decided = chosen("small", "mid")
    changes = {"decision": decided, "attempts": tries}
    found = need_of(call("sg_1", "mid", **changes), (), TIERS)
    assert found is not None
    assert (found.chosen, found.needed, found.passed) == (Tier.SMALL, Tier.MID, False)
    found = need_of(call("sg_1", "mid", **changes), (GOOD,), TIERS)
    assert found is not None
    assert found.needed is Tier.MID


def test_a_stronger_targets_answer_says_nothing_of_the_one_that_was_down() -> None:
    decided = chosen("small", "mid")
    tries = (attempt("small", code="failed"), attempt("mid", role=Role.FALLBACK))
    assert known("mid", GOOD, decision=decided, attempts=tries) is None


def test_a_weaker_targets_good_answer_says_that_the_one_planned_was_too_strong() -> None:
    decided = chosen("large", "small")
    tries = (attempt("large", code="failed"), attempt("small", role=Role.FALLBACK))
    found = need_of(call("sg_1", "small", decision=decided, attempts=tries), (GOOD,), TIERS)
    assert found is not None
    assert (found.chosen, found.needed) == (Tier.FRONTIER, Tier.SMALL)


def weight(propensity: float, rate: float = 0.0, *, explored: bool = False) -> float:
    decided = chosen("small", propensity=propensity, explored=explored)
    found = known("small", GOOD, decision=decided, odds=Odds(version="m1", rate=rate))
    assert found is not None
    return found.weight


def test_an_experiment_weighs_one_over_its_probability_and_no_more_than_the_clip() -> None:
    assert weight(1.0, explored=True) == 1.0
    assert weight(0.1, explored=True) == 10.0
    assert weight(0.001, explored=True) == CLIP
    assert weight(0.0, explored=True) == CLIP


def test_a_choice_weighs_no_more_than_makes_up_for_what_is_explored() -> None:
    assert weight(0.9, rate=0.2) == pytest.approx(1 / 0.9)
    assert weight(0.8, rate=0.2) == pytest.approx(1 / 0.8)
    assert weight(0.2, rate=0.2) == pytest.approx(1 / 0.8)  # drawn from four equals
    assert weight(0.97) == pytest.approx(1 / 0.97)
    assert weight(0.5) == pytest.approx(1 / (1 - EXPLORED))
    assert weight(0.5, rate=1.0) == 2.0
    assert weight(0.0) == pytest.approx(1 / (1 - EXPLORED))


def test_an_experiment_says_which_tier_seemed_right() -> None:
    decided = chosen("small", "mid", explored=True, propensity=0.1)
    found = known("small", GOOD, decision=decided)
    assert found is not None
    assert (found.explored, found.chosen, found.seemed) == (True, Tier.SMALL, Tier.MID)


def test_the_models_word_on_cheaper_tiers_is_kept_where_it_was_sure() -> None:
    odds = Odds(
        version="m1",
        chances=(
            Chance("small", 0.4, 0.1, sure=True),
            Chance("mid", 0.9, 0.1, sure=False),
            Chance("large", 0.95, 0.1, sure=True),
        ),
    )
    found = known("large", GOOD, odds=odds)
    assert found is not None
    assert found.chances == ((Tier.SMALL, 0.4),)
    settled = known("large", said(Fitness.GOOD_FIT), odds=odds)
    assert settled is not None
    assert settled.chances == ()
