"""How a task stands with its caps, as it is told."""

import msgspec

from switchgear.domain.account import Amount, Bound
from switchgear.domain.task import NO_CAPS, Caps, Status, Task
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.pipeline.task.bursar import Usage
from switchgear.pipeline.task.usage import told_usage


def a_task(status: Status) -> Task:
    return Task(id=status.value, opened=UnixMs(0), status=status)


def test_only_caps_that_there_are_are_told() -> None:
    assert told_usage(Usage(caps=NO_CAPS), ()) == ()


def test_money_is_told_in_dollars_and_the_rest_as_it_is_counted() -> None:
    usage = Usage(
        caps=Caps(steps=9, money=NanoUsd(2_500_000_000), tokens=Tokens(100)),
        spent=Amount(calls=3, money=NanoUsd(500_000_000), tokens=Tokens(40)),
        held=Amount(calls=1, money=NanoUsd(250_000_000)),
        promised=Amount(calls=2),
        left=Bound(calls=3, money=NanoUsd(1_750_000_000), tokens=Tokens(60)),
    )
    assert told_usage(usage, ()) == (
        {"cap": "steps", "most": 9, "spent": 3, "held": 1, "promised": 2, "left": 3},
        {"cap": "tokens", "most": 100, "spent": 40, "held": 0, "promised": 0, "left": 60},
        {"cap": "usd", "most": 2.5, "spent": 0.5, "held": 0.25, "promised": 0.0, "left": 1.75},
    )


def test_children_that_are_open_count_and_time_ends_at_a_date() -> None:
    usage = Usage(caps=Caps(depth=2, fan_out=3, wall=Seconds(60.0)), due=UnixMs(60_000))
    children = tuple(a_task(each) for each in Status)
    assert told_usage(usage, children) == (
        {"cap": "depth", "most": 2},
        {"cap": "fan_out", "most": 3, "open": 2, "left": 1},
        {"cap": "wall_s", "most": 60.0, "ends": 60_000},
    )
    assert msgspec.json.encode(told_usage(usage, children))
