"""Whom a draw picks, and how probable that was where a rule or a rest has its say too."""

import msgspec
import pytest

from support.cast import LARGE, MID, NEVER, SMALL, ask, hard, policy
from support.odds import odds
from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Strategy
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Availability, Reading, Situation
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Tokens
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


DEAR = msgspec.structs.replace(LARGE, tier=SMALL.tier)


def going_on(tokens: int, *, warm: str = "large", **changes: object) -> Ask:
    return ask(warm=warm, input_tokens=Tokens(tokens), **changes)


def test_a_long_conversation_stays_where_it_is_and_a_short_one_goes_where_it_is_cheaper() -> None:
    both = policy((SMALL, DEAR))  # at the dear one 4.5 dollars a million are saved by the cache
    long, short = (decide(going_on(tokens), Situation(), both, NEVER) for tokens in (30_000, 300))
    assert (long.winner, long.propensity) == ("large", 1.0)
    assert (
        long.why == "it served the conversation so far, and leaving it would not pay, before small"
    )
    assert short.winner == "small"
    assert decide(going_on(30_000, warm=""), Situation(), both, NEVER).winner == "small"


def test_a_conversation_goes_up_as_soon_as_it_must_and_stays_there() -> None:
    call = msgspec.structs.replace(hard(), warm="small", input_tokens=Tokens(30_000))
    assert decide(call, Situation(), policy(), NEVER).winner == "large"
    learnt = odds({"small": 0.4, "large": 0.95})
    floor = policy(success_floor=0.9, version="f")
    assert decide(going_on(30_000, warm="small"), Situation(), floor, NEVER, learnt).winner == "mid"
    assert decide(going_on(30_000), Situation(), floor, NEVER, learnt).winner == "large"


def test_by_value_a_much_better_chance_may_still_switch_and_a_tool_loop_may_not() -> None:
    rules = policy(strategy=Strategy.VALUE, value=NanoUsd(NANO_PER_USD), version="v")
    for better, winner in ((0.81, "small"), (0.99, "large")):
        known = odds({"small": 0.8, "mid": 0.1, "large": better})
        call = going_on(10_000, warm="small")
        assert decide(call, Situation(), rules, NEVER, known).winner == winner
        loop = ask(step=Step.TOOL_RESULT, held="small", input_tokens=Tokens(10_000))
        assert decide(loop, Situation(), rules, NEVER, known).winner == "small"


def test_equals_share_conversations_and_not_their_turns() -> None:
    for draw in (0.1, 0.5, 0.9):
        call = going_on(5_000, warm="third", draw=draw)
        assert decide(call, loaded(), rules(), NEVER).winner == "third"


def test_one_that_may_not_serve_keeps_no_conversation() -> None:
    down = Situation(id="d", readings={"large": Reading(availability=Availability.REFUSING)})
    assert decide(going_on(30_000), down, policy((SMALL, DEAR)), NEVER).winner == "small"
