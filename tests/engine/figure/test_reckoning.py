"""All figures of a window, counted by hand, in any order."""

from random import Random  # noqa: TID251  (seeded: the same draws each time)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.entries import attempt
from support.figured import CENT, FRAME, FROM, case, chosen, said
from switchgear.domain.attempt import Role
from switchgear.domain.goal import Goals
from switchgear.domain.outcome import Fitness, Source
from switchgear.domain.task import Status
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.figure import reckoning
from switchgear.engine.figure.case import Case
from switchgear.engine.figure.frame import DAY_MS, Frame
from switchgear.engine.figure.reckoning import OTHER, Reckoning, by_route, settled
from switchgear.engine.figure.report import Group, Report

GOALS = Goals(own=NanoUsd(0))
DAY = DAY_MS


def reckoned(*cases: Case, statuses: dict[str, Status] | None = None) -> Report:
    found = Reckoning(FRAME, GOALS)
    for each in cases:
        found.add(each)
    return settled(found, statuses or {})


def small_ledger() -> list[Case]:
    """Two tasks that were done, one that a human took over, and two calls of no task."""
    human = said(override="human", source=Source.HUMAN)
    up = (attempt("small"), attempt("mid", role=Role.ESCALATION))
    decided = chosen("small", "mid", rule="hard")
    return [
        case("1", "small", said(Fitness.GOOD_FIT), task="a", step=1),
        case("2", "mid", task="a", step=2, decision=decided, attempts=up, cost=NanoUsd(3 * CENT)),
        case("3", "small", task="b", step=1, at=UnixMs(FROM + DAY)),
        case("4", "large", human, task="c", step=1, cost=NanoUsd(9 * CENT)),
        case("5", "small", said(score=0.0, source=Source.VALIDATOR)),
        case("6", "large", said(Fitness.OVERPROVISIONED), cost=NanoUsd(5 * CENT)),
    ]


def test_six_calls_counted_by_hand() -> None:
    whole = reckoned(*small_ledger()).all
    assert (whole.calls, whole.decisions) == (6, 6)
    # a: 4 cents, b: 1, and the two calls alone: 1 and 5; c was taken over.
    assert whole.cost.usd is not None
    assert whole.cost.usd.value == pytest.approx(11 * 0.01 / 4)
    assert whole.cost.upshots == (("automated", 4), ("taken", 1))
    assert whole.cost.elsewhere_usd == pytest.approx(0.09)
    # 2 went up, 4 was taken over, and a check was against 5.
    assert (whole.override.hits, whole.override.of) == (3, 6)
    assert whole.corrections == (("escalation", 1), ("person", 1), ("validator", 1))
    # 1 was right; 2 and 5 were too low, and needed mid; 6 was too high, and needed mid.
    # Of 4 nobody knows: the strongest failed.
    assert whole.accuracy.labelled == 4
    assert whole.accuracy.plain is not None
    assert whole.accuracy.plain.value == pytest.approx(1 / 4)
    assert whole.accuracy.share is not None
    assert whole.accuracy.share.value == pytest.approx((1 + 0) / 2)
    assert (whole.to_human.hits, whole.to_human.of) == (1, 5)


def test_each_route_has_its_own_and_a_task_is_of_the_route_of_its_first_call() -> None:
    report = reckoned(*small_ledger())
    by_name: dict[str, Group] = {each.name: each for each in report.groups}
    assert list(by_name) == ["auto", "auto, rule hard"]
    assert (by_name["auto"].calls, by_name["auto"].cost.tasks) == (5, 4)
    assert (by_name["auto, rule hard"].calls, by_name["auto, rule hard"].cost.tasks) == (1, 0)


def test_a_target_is_judged_by_the_tasks_that_it_ended_and_the_calls_planned_for_it() -> None:
    lines = {each.target: each for each in reckoned(*small_ledger()).targets}
    assert (lines["small"].completed.hits, lines["small"].completed.of) == (2, 2)
    assert (lines["large"].completed.hits, lines["large"].completed.of) == (1, 2)
    assert (lines["small"].fell_back.hits, lines["small"].fell_back.of) == (1, 4)
    right = case("7", "mid", said(tool=True))
    wrong = case("8", "mid", said(tool=False))
    (line,) = reckoned(right, wrong, right).targets
    assert (line.tools.hits, line.tools.of) == (2, 3)


def test_rules_are_counted_and_their_shift_is_told() -> None:
    older = [case(f"o{n}", decision=chosen("small", rule="a")) for n in range(40)]
    at = UnixMs(FROM + 7 * DAY)
    newer = [case(f"n{n}", at=at, decision=chosen("small", rule="b")) for n in range(40)]
    report = reckoned(*older, *newer)
    assert [(it.rule, it.decisions, it.share) for it in report.rules] == [
        ("a", 40, 0.5),
        ("b", 40, 0.5),
    ]
    assert report.shift is not None
    assert report.shift.name == "a"


def test_what_is_outside_of_the_window_is_nobodys() -> None:
    outside = case("x", at=UnixMs(FROM - 1)), case("y", at=FRAME.until)
    assert reckoned(*outside).all.calls == 0


def test_paused_and_stopped_tasks_are_known_by_their_papers() -> None:
    whole = reckoned(*small_ledger(), statuses={"a": Status.PAUSED, "b": Status.STOPPED}).all
    assert whole.cost.upshots == (("automated", 2), ("taken", 1), ("stopped", 1), ("open", 1))


def test_groups_beyond_the_bound_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reckoning, "MOST_NAMES", 2)
    report = reckoned(*[case(f"sg_{name}", model=name) for name in "abcd"])
    assert {each.name: each.calls for each in report.groups} == {"a": 1, "b": 1, OTHER: 2}


def test_it_may_be_grouped_by_anything() -> None:
    found = Reckoning(Frame(FRAME.since, FRAME.until), GOALS, lambda each: each.target)
    for each in small_ledger():
        found.add(each)
    assert {it.name: it.calls for it in settled(found, {}).groups} == {
        "small": 3,
        "mid": 1,
        "large": 2,
    }
    assert by_route(case()) == "auto"


words = st.lists(
    st.builds(
        said,
        st.none() | st.sampled_from(Fitness),
        st.sampled_from(Source),
        id=st.sampled_from("abc"),
        score=st.floats(0, 1),
        override=st.sampled_from(["", "small", "large", "human"]),
    ),
    max_size=3,
)
cases = st.lists(
    st.builds(
        lambda name, target, said_of, task, step, day: case(
            name, target, *said_of, task=task, step=step, at=UnixMs(FROM + day * DAY + step)
        ),
        st.uuids().map(str),
        st.sampled_from(["small", "mid", "large"]),
        words,
        st.sampled_from(["", "a", "b"]),
        st.integers(1, 9),
        st.integers(0, 7),
    ),
    max_size=10,
    unique_by=lambda each: (each.id, each.step),
)


@settings(max_examples=30)
@given(cases, st.randoms(use_true_random=False))
def test_in_any_order_it_comes_to_the_same_and_shares_are_shares(
    found: list[Case], draw: Random
) -> None:
    other = found.copy()
    draw.shuffle(other)
    one, two = reckoned(*found).all, reckoned(*other).all
    assert (one.calls, one.override, one.cost.upshots) == (
        two.calls,
        two.override,
        two.cost.upshots,
    )
    for rate in (one.override, one.disliked, one.to_human):
        assert rate.share is None or 0 <= rate.share.low <= rate.share.high <= 1
    if one.cost.usd is not None:
        assert two.cost.usd is not None
        assert one.cost.usd.value == pytest.approx(two.cost.usd.value)


@settings(max_examples=30)
@given(cases)
def test_a_call_of_which_nothing_was_said_changes_no_accuracy(found: list[Case]) -> None:
    more = [*found, case("unsaid", "mid")]
    one, two = reckoned(*found), reckoned(*more)
    assert one.all.accuracy == two.all.accuracy
