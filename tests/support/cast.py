"""A policy with four targets, and asks for it: the cast of most tests."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.ask import Ask, Shape, Step
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import APART, Capability, Kind, Price, Sensitivity, Target, Tier
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds, Tokens
from switchgear.engine.policy import NO_RULE, Alias, Policy, Rule, TierRule

ALL = frozenset(Capability) - APART


def price(dollars_in: float, dollars_out: float) -> Price:
    """Per million tokens."""
    into, out = (NanoUsd(int(each * NANO_PER_USD)) for each in (dollars_in, dollars_out))
    return Price(input=into, output=out, cached=NanoUsd(into // 10), cache_written=into)


def target(name: str, **changes: object) -> Target:
    fields: dict[str, object] = {
        "id": name,
        "kind": Kind.MODEL,
        "provider": "sim",
        "model": f"model-{name}",
        "tier": Tier.SMALL,
        "capabilities": ALL,
        "window": Tokens(100_000),
        "max_output": Tokens(8_000),
        "price": price(1, 4),
        "quality": 0.5,
        "region": "eu",
        "sensitivity": Sensitivity.RESTRICTED,
        "first_content_s": Seconds(0.5),
        "token_s": Seconds(0.01),
        **changes,
    }
    return Target(**fields)  # type: ignore[arg-type]  # a test's shorthand


SMALL = target("small", quality=0.5, price=price(0.1, 0.4), weight=3.0)
MID = target("mid", tier=Tier.MID, quality=0.7, price=price(1, 4), token_s=Seconds(0.02))
LARGE = target("large", tier=Tier.FRONTIER, quality=0.95, price=price(5, 20), token_s=Seconds(0.03))
CALC = target("calc", kind=Kind.TOOL, tier=Tier.TOOL, quality=1.0, price=price(0, 0))
TARGETS = (SMALL, MID, LARGE, CALC)
TIERS = (
    TierRule(tier=Tier.SMALL, max_complexity=0.35, quality_floor=0.4),
    TierRule(tier=Tier.MID, max_complexity=0.7, quality_floor=0.6),
    TierRule(tier=Tier.FRONTIER, quality_floor=0.9),
)
AUTO = Alias(name="auto", targets=("small", "mid", "large"), stands_for="large")


class Fixed:
    """Conditions of which those named here hold, and no other."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers

    def first(self, ask: Ask, complexity: float) -> int:
        assert 0 <= complexity <= 1, ask
        return min(self._numbers, default=NO_RULE)


NEVER = Fixed()


def policy(
    targets: Sequence[Target] = TARGETS, rules: Sequence[Rule] = (), **changes: object
) -> Policy:
    plain = Policy(
        version="v1",
        targets=tuple(targets),
        tiers=TIERS,
        aliases={"auto": AUTO},
        rules=tuple(rules),
    )
    return msgspec.structs.replace(plain, **changes)


SHAPE = Shape(
    chars=400,
    turns=2,
    tools=0,
    images=0,
    documents=0,
    last_chars=100,
    system_chars=50,
    code=False,
    maths=False,
    digits=0,
    constraints=0,
    questions=1,
    steps=0,
)


def shape(**changes: object) -> Shape:
    return msgspec.structs.replace(SHAPE, **changes)


def ask(**changes: object) -> Ask:
    plain = Ask(
        model="auto",
        dialect=Dialect.OPENAI_CHAT,
        stream=False,
        step=Step.USER_TURN,
        shape=SHAPE,
        input_tokens=Tokens(110),
        max_output=None,
        needs=frozenset(),
    )
    return msgspec.structs.replace(plain, **changes)


def hard(**changes: object) -> Ask:
    """A call that needs the frontier."""
    shape = msgspec.structs.replace(
        SHAPE, last_chars=2000, digits=40, steps=9, constraints=9, code=True, maths=True, tools=20
    )
    return ask(shape=shape, **changes)
