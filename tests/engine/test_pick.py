"""Whom a draw picks, and how probable that was where a rule or a rest has its say too."""

import msgspec
import pytest

from support.cast import LARGE, MID, NEVER, SMALL, ask, policy
from support.odds import odds
from switchgear.domain.decision import Decision
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Reading, Situation
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias, Policy

TWIN = msgspec.structs.replace(SMALL, id="twin", provider="b")
THIRD = msgspec.structs.replace(SMALL, id="third", provider="c")
STEPS = 36
"""A multiple of the pairs of three equals and of two, so that the grid counts exactly."""


def rules(*last: str, resting: tuple[str, ...] = ()) -> Policy:
    names = ("small", "twin", "third", "mid", "large")
    return policy(
        (SMALL, TWIN, THIRD, MID, LARGE),
        aliases={"auto": Alias(name="auto", targets=names, last=last)},
        version=f"{last} {resting}",
    )


def spread(given: Policy, situation: Situation, known: Odds = NO_ODDS) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for step in range(STEPS):
        call = ask(draw=(step + 0.5) / STEPS)
        decision = decide(call, situation, given, NEVER, known)
        found.setdefault(decision.winner, []).append(decision)
    return found


def loaded(**poor: str) -> Situation:
    readings = {"small": Reading(in_flight=8), "twin": Reading(), "third": Reading(in_flight=64)}
    marked = {
        name: msgspec.structs.replace(each, poor=(poor[name],)) if name in poor else each
        for name, each in readings.items()
    }
    return Situation(id=f"s{sorted(poor)}", readings=marked)


@pytest.mark.parametrize("last", [(), ("twin",), ("small", "third"), ("small", "twin", "third")])
@pytest.mark.parametrize("poor", [{}, {"twin": "auto"}, {"small": "auto", "twin": "auto"}])
def test_the_propensity_is_what_the_draws_come_to(
    last: tuple[str, ...], poor: dict[str, str]
) -> None:
    for name, decisions in spread(rules(*last), loaded(**poor)).items():
        assert {each.propensity for each in decisions} == {decisions[0].propensity}, name
        assert len(decisions) / STEPS == pytest.approx(decisions[0].propensity)


def test_one_that_stands_last_wins_no_draw() -> None:
    found = spread(rules("twin"), loaded())
    assert set(found) == {"small", "third"}
    assert found["small"][0].propensity == pytest.approx(8 / 9)  # its own five, and the twin's
    assert found["small"][0].plan[-1] == "twin"


def test_where_one_rests_nothing_is_tried() -> None:
    known = odds({"small": 0.9, "twin": 0.9, "third": 0.9}, {"large": 0.9}, purse=10**12, rate=1.0)
    given = msgspec.structs.replace(rules(), success_floor=0.89, version="f")
    calm, resting = (spread(given, each, known) for each in (loaded(), loaded(twin="auto")))
    assert any(each.explored for each in calm.get("large", ()))
    assert not any(each.explored for some in resting.values() for each in some)
