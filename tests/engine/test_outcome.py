"""Whose word on a decision counts, and what it says."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.entries import attempt, decision, entry
from switchgear.domain.attempt import Role
from switchgear.domain.entry import End
from switchgear.domain.event import Stop
from switchgear.domain.outcome import IMPLICIT, Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.outcome import (
    RANKS,
    UNOPPOSED,
    WEIGHTS,
    implicit_of,
    label_of,
    labels_of,
    outcomes_in,
    unopposed,
)

TIERS = {"calc": Tier.TOOL, "small": Tier.SMALL, "mid": Tier.MID, "large": Tier.FRONTIER}
PLAIN = entry()
ON_MID = entry(target="mid", attempts=(attempt("mid"),))
CLIMBED = entry(
    target="mid",
    attempts=(
        attempt("small", flaw="empty"),
        attempt("mid", role=Role.ESCALATION, began=Seconds(0.6)),
    ),
)


def said(name: str = "o1", at: int = 1, **more: Any) -> Outcome:
    fields = {"decision": "sg_1", "source": Source.USER, **more}
    return Outcome(id=name, at=UnixMs(at), **fields)


outcomes = st.builds(
    Outcome,
    id=st.uuids().map(str),
    decision=st.just("sg_1"),
    at=st.integers(0, 5).map(UnixMs),
    source=st.sampled_from(Source),
    score=st.none() | st.floats(0, 1),
    verdict=st.none() | st.sampled_from(Fitness),
    override=st.sampled_from(["", "human", *TIERS]),
    tool=st.none() | st.booleans(),
    by=st.sampled_from(["", "a", "b"]),
    target=st.sampled_from(["", "small", "mid"]),
    served=st.none() | st.sampled_from(Tier),
    wanted=st.none() | st.sampled_from(Tier),
)
many = st.lists(outcomes, max_size=8, unique_by=lambda it: it.id)
entries = st.sampled_from([PLAIN, ON_MID, CLIMBED])


@settings(max_examples=40)
@given(many, entries, st.randoms(use_true_random=False))
def test_the_order_in_which_outcomes_come_means_nothing(
    found: list[Outcome], where: Any, chance: Any
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert label_of(shuffled, where, TIERS) == label_of(found, where, TIERS)
    assert set(labels_of(shuffled, where, TIERS)) == set(labels_of(found, where, TIERS))


@settings(max_examples=40)
@given(st.lists(outcomes, min_size=1, max_size=8, unique_by=lambda it: it.id), outcomes, entries)
def test_an_id_that_comes_again_changes_nothing_whatever_it_says(
    found: list[Outcome], more: Outcome, where: Any
) -> None:
    again = msgspec.structs.replace(more, id=found[0].id, at=UnixMs(9))
    assert label_of([*found, again, *found], where, TIERS) == label_of(found, where, TIERS)


@settings(max_examples=40)
@given(many, entries)
def test_a_label_is_within_its_bounds_and_there_is_one_if_anything_was_said(
    found: list[Outcome], where: Any
) -> None:
    label = label_of(found, where, TIERS)
    assert (label is None) is (not found and not implicit_of(where))
    for each in [*labels_of(found, where, TIERS), *([label] if label else [])]:
        assert 0 <= each.good <= 1
        assert 0 < each.weight <= 1
        assert each.target


@settings(max_examples=40)
@given(many, entries)
def test_nobodys_word_counts_against_that_of_a_higher_rank(
    found: list[Outcome], where: Any
) -> None:
    label = label_of(found, where, TIERS)
    if label is not None:
        highest = max(RANKS[each.source] for each in [*found, *implicit_of(where)])
        assert RANKS[label.source] == highest


@settings(max_examples=40)
@given(many, entries)
def test_each_target_that_something_is_said_of_has_one_label(
    found: list[Outcome], where: Any
) -> None:
    labels = labels_of(found, where, TIERS)
    about = {each.target or where.target for each in [*found, *implicit_of(where)]}
    assert {each.target for each in labels} == about
    assert len(labels) == len(about)


@settings(max_examples=40)
@given(outcomes)
def test_what_is_kept_is_read_back(outcome: Outcome) -> None:
    assert outcomes_in(msgspec.json.encode((outcome,))) == (outcome,)


def test_every_source_has_a_rank_and_a_weight_and_our_own_weigh_less() -> None:
    assert set(RANKS) == set(WEIGHTS) == set(Source)
    others = set(Source) - IMPLICIT
    assert max(RANKS[each] for each in IMPLICIT) < min(RANKS[each] for each in others)
    assert max(WEIGHTS[each] for each in IMPLICIT) < min(WEIGHTS[each] for each in others)


@pytest.mark.parametrize(
    ("more", "good", "needed"),
    [
        ({"score": 0.7}, 0.7, None),
        ({"verdict": Fitness.GOOD_FIT}, 1.0, Tier.MID),
        ({"verdict": Fitness.UNDERPOWERED}, 0.0, Tier.FRONTIER),
        ({"verdict": Fitness.OVERPROVISIONED}, 1.0, Tier.SMALL),
        ({"verdict": Fitness.OVERPROVISIONED, "override": "calc"}, 1.0, Tier.TOOL),
        ({"verdict": Fitness.FAILED}, 0.0, None),
        ({"override": "large"}, 0.0, Tier.FRONTIER),
        ({"override": "small"}, 1.0, Tier.SMALL),
        ({"override": "mid"}, 1.0, Tier.MID),
        ({"override": "human"}, 0.0, None),
        ({"override": "gone"}, 0.0, None),
        ({"override": "gone", "wanted": Tier.SMALL}, 1.0, Tier.SMALL),
        ({"tool": True}, 1.0, None),
        ({"tool": False}, 0.0, None),
        ({"score": 1.0, "override": "large"}, 1.0, Tier.FRONTIER),
    ],
)
def test_what_each_thing_that_can_be_said_comes_to(
    more: dict[str, Any], good: float, needed: Tier | None
) -> None:
    label = label_of([said(**more)], ON_MID, TIERS)
    assert label is not None
    assert (label.target, label.good, label.needed) == ("mid", good, needed)


def test_there_is_no_tier_above_the_highest_or_below_the_lowest() -> None:
    top = entry(target="large")
    under = label_of([said(verdict=Fitness.UNDERPOWERED)], top, TIERS)
    over = label_of([said(verdict=Fitness.OVERPROVISIONED)], PLAIN, {"small": Tier.SMALL})
    assert under is not None
    assert over is not None
    assert (under.needed, over.needed) == (None, None)


def test_later_beats_earlier_of_one_rank_and_never_a_higher_rank() -> None:
    first, then = said("a", 1, score=0.0), said("b", 2, score=1.0)
    assert label_of([first, then], PLAIN).good == 1.0  # type: ignore[union-attr]  # there is one
    judge = said("c", 0, score=0.25, source=Source.EVAL)
    assert label_of([first, then, judge], PLAIN).good == 0.25  # type: ignore[union-attr]  # as above


def test_two_sayers_who_contradict_one_another_weigh_half_and_one_who_changes_his_mind_not() -> (
    None
):
    bad = said("a", 1, score=0.0, by="k1")
    other = label_of([bad, said("b", 2, score=1.0, by="k2")], PLAIN)
    own = label_of([bad, said("b", 2, score=1.0, by="k1")], PLAIN)
    assert other is not None
    assert own is not None
    assert (other.disputed, other.weight) == (True, WEIGHTS[Source.USER] / 2)
    assert (own.disputed, own.weight) == (False, WEIGHTS[Source.USER])
    assert (other.by, own.by) == ("k2", "k1")


def test_a_word_on_the_tool_alone_does_not_hide_one_on_the_answer() -> None:
    label = label_of([said("a", 1, score=1.0), said("b", 2, tool=False)], PLAIN)
    assert label is not None
    assert label.good == 1.0


def test_a_call_that_went_up_a_tier_says_that_the_weak_target_was_not_enough() -> None:
    flawed, up = implicit_of(CLIMBED)
    assert (flawed.source, flawed.target) == (Source.VALIDATOR, "small")
    assert (up.source, up.target, up.override) == (Source.ESCALATION, "small", "mid")
    label = label_of((), CLIMBED, TIERS)
    assert label is not None
    assert (label.target, label.good, label.needed) == ("small", 0.0, Tier.MID)


def test_an_escalation_in_the_very_millisecond_of_the_flaw_still_says_who_would_have_done() -> None:
    quick = entry(
        target="mid",
        attempts=(
            attempt("small", flaw="empty", began=Seconds(0.001), took=Seconds(0.0002)),
            attempt("mid", role=Role.ESCALATION, began=Seconds(0.0013)),
        ),
    )
    label = label_of((), quick, TIERS)
    assert label is not None
    assert (label.target, label.good, label.needed) == ("small", 0.0, Tier.MID)


def test_of_a_call_that_went_up_both_answers_are_judged_each_by_its_own() -> None:
    labels = labels_of([said(score=1.0)], CLIMBED, TIERS)
    by_target = {each.target: each for each in labels}
    assert (by_target["small"].good, by_target["mid"].good) == (0.0, 1.0)
    assert by_target["mid"].needed is Tier.MID


def test_a_target_that_only_failed_is_not_judged_by_the_one_that_took_its_place() -> None:
    tries = (attempt("small", code="upstream_lost"), attempt("mid", role=Role.FALLBACK))
    assert implicit_of(entry(target="mid", attempts=tries)) == ()


def test_an_escalation_passes_over_attempts_that_never_answered() -> None:
    tries = (
        attempt("small"),
        attempt("mid", code="upstream_lost", role=Role.ESCALATION),
        attempt("large", role=Role.ESCALATION),
    )
    found = implicit_of(entry(target="large", attempts=tries))
    assert [(each.target, each.override) for each in found] == [
        ("small", ""),
        ("small", "large"),
    ]


@pytest.mark.parametrize("strong", [{"code": "upstream_lost"}, {"flaw": "empty"}])
def test_where_the_stronger_did_no_better_nobody_says_which_tier_would_have(
    strong: dict[str, str],
) -> None:
    tries = (attempt("small", flaw="empty"), attempt("mid", role=Role.ESCALATION, **strong))
    found = labels_of((), entry(attempts=tries), TIERS)
    assert ("small", 0.0, None) in [(each.target, each.good, each.needed) for each in found]


def test_silence_says_a_little_where_an_answer_came_to_its_own_end() -> None:
    ended = entry(attempts=(attempt(stop=Stop.END),))
    found = unopposed(ended)
    assert found is not None
    assert (found.target, found.good, found.weight) == ("small", 1.0, UNOPPOSED)
    for other in (
        entry(attempts=(attempt(stop=Stop.LENGTH),)),
        entry(attempts=(attempt(stop=Stop.END, flaw="empty"),)),
        msgspec.structs.replace(ended, end=End.LEFT),
        msgspec.structs.replace(ended, replayed="sg_0"),
        entry(attempts=()),
    ):
        assert unopposed(other) is None


def test_a_decision_that_nobody_answered_is_judged_by_the_first_of_its_plan() -> None:
    label = label_of([said(verdict=Fitness.FAILED)], entry(target="", decision=decision()))
    assert label is not None
    assert label.target == "small"
