"""Past calls, decided by the policy of the cast, and what each of them came to."""

from collections.abc import Callable
from itertools import count

import msgspec

from support.cast import NEVER, ask, policy
from support.entries import attempt, entry
from switchgear.domain.ask import Ask
from switchgear.domain.caller import Mode
from switchgear.domain.entry import Entry
from switchgear.domain.event import Usage
from switchgear.domain.outcome import Source
from switchgear.domain.situation import Situation
from switchgear.domain.target import Target, Tier
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cost import cost_of
from switchgear.engine.decide import decide
from switchgear.engine.outcome import Label
from switchgear.engine.policy import TierRule
from switchgear.engine.whatif.case import fresh_draw

POLICY = policy()
NOW = Situation()
USAGE = Usage(input=Tokens(1000), output=Tokens(100))
STRICT = policy(
    version="v2",
    tiers=(
        TierRule(tier=Tier.SMALL, max_complexity=0.0),
        TierRule(tier=Tier.MID, max_complexity=0.0),
        TierRule(tier=Tier.FRONTIER, quality_floor=0.9),
    ),
)
"""Sends all to the frontier."""


def target(name: str) -> Target:
    return next(each for each in POLICY.targets if each.id == name)


def past(
    name: str = "sg_1", asked: Ask | None = None, served: str = "", **changes: object
) -> Entry:
    """One call as the policy of the cast decides it, answered by its first."""
    asked = ask() if asked is None else asked
    decision = decide(asked, NOW, POLICY, NEVER)
    served = served or decision.winner
    cost = NanoUsd(cost_of(USAGE, target(served).price))
    plain = entry(
        name,
        ask=asked,
        situation=NOW,
        decision=decision,
        model=asked.model,
        target=served,
        cost=cost,
        agent=asked.agent,
        task=asked.task,
        took=Seconds(2.0),
        attempts=(attempt(served, usage=USAGE, cost=cost, took=Seconds(1.9)),),
    )
    return msgspec.structs.replace(plain, **changes)


def observed(name: str = "sg_1", asked: Ask | None = None) -> Entry:
    """One call that was only watched, and served by whom its alias stands for."""
    return past(name, asked, served="large", mode=Mode.OBSERVE)


def label(good: float = 1.0, needed: Tier | None = None, **changes: object) -> Label:
    plain = Label(
        target="small", good=good, weight=1.0, needed=needed, source=Source.EVAL, at=UnixMs(0)
    )
    return msgspec.structs.replace(plain, **changes)


def drawer(seed: str) -> Callable[[], float]:
    """Draws that are the same each time."""
    numbers = count()
    return lambda: fresh_draw(f"{seed} {next(numbers)}")
