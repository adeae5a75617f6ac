"""Nobody goes up beyond what the owner and the caller allow: money, time, places, regions."""

import asyncio

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import AUTO, LARGE, MID, SMALL, policy
from support.climbing import (
    GRAZ,
    climbing,
    dollars,
    for_json,
    told,
)
from support.stage import Scenery, Stage
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import (
    Gives,
    Says,
    Script,
    Stalls,
)
from switchgear.config.setup import Queueing
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.edit import CapOutput
from switchgear.domain.escalation import Escalation
from switchgear.domain.event import Finished, Opened, Stop, TextDelta, Usage
from switchgear.domain.piece import Piece
from switchgear.domain.target import Sensitivity
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.cost import cost_of

BROKEN = Says("no JSON at all")
OPENED = Opened(id="x", model="m")


def cut(text: str, output: int) -> Gives:
    usage = Usage(input=Tokens(10), output=Tokens(output))
    events = (OPENED, TextDelta(text), Finished(stop=Stop.LENGTH, usage=usage))
    return Gives((Piece(b"{}", events),))


def lived(stage: Stage, call: Call) -> tuple[str, Stage]:
    """Return who answered, or the code of the error."""

    async def life() -> str:
        found = await told(stage, call)
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0
        return found.by or found.error

    return run(life()), stage


targets = st.sampled_from(["small", "mid", "large"])


@settings(max_examples=60, deadline=None)
@given(
    money=st.sampled_from([0.0, 0.0002, 0.001, 0.005, 0.02, 0.1, 1.0]),
    most=st.integers(1, 3),
    limit=st.sampled_from([None, 1, 300, 4000]),
    good=st.sets(targets),
    stream=st.booleans(),
)
def test_it_never_costs_more_than_was_said_and_what_is_delivered_was_checked(
    money: float, most: int, limit: int | None, good: set[str], *, stream: bool
) -> None:
    scripts = {name: GRAZ if name in good else BROKEN for name in ("small", "mid", "large")}
    wish = Escalation(on=True, most=most, money=dollars(money))

    async def life() -> None:
        stage = climbing(scripts, wish)
        found = await told(stage, for_json(stream=stream, max_output=limit))
        await stage.nursery.aclose()
        entry = stage.entry()
        up = [each for each in entry.attempts if each.role.value == "escalation"]
        assert len(up) <= most
        assert sum(each.cost for each in up) <= dollars(money)
        for order in stage.upstream.orders[1:]:
            caps = [each.tokens for each in order.edits if isinstance(each, CapOutput)]
            bound = min([*caps, limit or order.target.max_output])
            usage = Usage(input=Tokens(10), output=Tokens(bound))
            assert cost_of(usage, order.target.price) <= dollars(money), "were all of it written"
        tried = [each.target for each in entry.attempts]
        assert len(set(tried)) == len(tried)
        right = next((name for name in tried if name in good), None)
        assert found.by == (right or tried[0])

    run(life())


@settings(max_examples=60, deadline=None)
@given(
    regions=st.sets(st.sampled_from(["eu", "us"])),
    allow=st.sets(targets),
    sensitivity=st.sampled_from(Sensitivity),
)
def test_it_never_leaves_the_region_the_sensitivity_or_the_allow_list(
    regions: set[str], allow: set[str], sensitivity: Sensitivity
) -> None:
    cast = (
        SMALL,
        msgspec.structs.replace(MID, region="us"),
        msgspec.structs.replace(LARGE, sensitivity=Sensitivity.INTERNAL),
    )

    async def life() -> None:
        stage = climbing({each.id: BROKEN for each in cast}, Escalation(on=True, most=3))
        rules = msgspec.structs.replace(
            stage.setup.policy,
            targets=cast,
            version=f"{sorted(regions)}{sorted(allow)}{sensitivity}",
        )
        stage = Stage({each.id: BROKEN for each in cast}, rules)
        key = Key(
            id="k",
            regions=frozenset(regions),
            targets=frozenset(allow),
            sensitivity=sensitivity,
        )
        await told(stage, for_json(caller=Caller(key=key)))
        await stage.nursery.aclose()
        for order in stage.upstream.orders:
            assert not regions or order.target.region in regions
            assert not allow or order.target.id in allow
            assert order.target.sensitivity >= sensitivity

    run(life())


def test_what_is_cut_by_the_bound_on_money_is_no_better() -> None:
    wish = Escalation(on=True, money=dollars(0.0021))
    mid = cut('{"city": "Gr', 500)
    stage = climbing({"small": BROKEN, "mid": mid}, wish)
    by, stage = lived(stage, for_json())
    assert by == "small"
    order = stage.upstream.orders[1]
    assert [type(each).__name__ for each in order.edits] == ["CapOutput"]


def test_who_would_be_too_dear_is_passed_over_by_name() -> None:
    wish = Escalation(on=True, most=3, money=NanoUsd(1000))
    by, stage = lived(climbing({"small": BROKEN, "mid": GRAZ, "large": GRAZ}, wish), for_json())
    assert by == "small"
    assert stage.entry().skipped == ("mid(escalation_budget)", "large(escalation_budget)")


def test_what_one_ascent_cost_is_not_there_for_the_next() -> None:
    usage = Usage(input=Tokens(10), output=Tokens(300))
    mid = Says("no JSON either", usage=usage)
    once = cost_of(usage, MID.price) + cost_of(Usage(output=Tokens(600)), LARGE.price)
    for spare, by in ((2_000_000, "large"), (0, "small")):
        wish = Escalation(on=True, most=2, money=NanoUsd(once + spare))
        stage = climbing({"small": BROKEN, "mid": mid, "large": GRAZ}, wish)
        found, stage = lived(stage, for_json(max_output=600))
        assert found == by
        assert stage.entry().skipped == (() if spare else ("large(escalation_budget)",))


def test_nobody_waits_for_a_place_at_the_stronger_one() -> None:
    async def life() -> None:
        narrow = msgspec.structs.replace(MID, max_concurrent=1)
        alias = msgspec.structs.replace(AUTO, targets=("small", "mid"))
        rules = policy([SMALL, narrow], aliases={"auto": alias}, version="narrow")
        scripts: dict[str, Script] = {"small": BROKEN, "mid": Stalls("", -1)}
        stage = Stage(scripts, rules, Scenery(lanes=Queueing(), slots=2))
        long = asyncio.ensure_future(told(stage, for_json("long", model="mid")))
        await asyncio.sleep(1)
        found = await told(stage, for_json())
        assert found.by == "small"
        assert stage.entry().skipped == ("mid(overloaded)",)
        assert not stage.entry().waited
        assert stage.means.clock.now() == Seconds(1.0)
        long.cancel()
        await asyncio.wait({long})
        await stage.nursery.aclose(Seconds(1.0))

    run(life())
