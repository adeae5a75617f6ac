"""Keys of every kind, and what each lets through: told without the code that is tried."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from hypothesis import strategies as st

from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.caller import Key, Mode, Right
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.priority import Priority
from switchgear.domain.rate import Rates
from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import NanoUsd, Tokens, UnixMs

NAMES = ("a", "b", "c")
REGIONS = ("eu", "us")
ENDPOINTS = (Endpoint.ANSWER, Endpoint.COUNT, Endpoint.EMBED)
WINDOWS = (Window.DAY, Window.MONTH)
SCOPES: dict[str, tuple[object, ...]] = {
    "models": NAMES,
    "targets": NAMES,
    "tiers": tuple(Tier),
    "endpoints": ENDPOINTS,
    "regions": REGIONS,
}
FIELDS = (
    *SCOPES,
    *(
        [
            "tenant",
            "rights",
            "sensitivity",
            "metadata",
            "mode",
            "debug",
            "until",
            "priority",
            "budgets",
            "rates",
        ]
    ),
)

Name = TypeVar("Name")

_figures = st.none() | st.integers(0, 3)
_bounds = st.builds(
    lambda money, tokens, calls: Bound(
        money=None if money is None else NanoUsd(money),
        tokens=None if tokens is None else Tokens(tokens),
        calls=calls,
    ),
    _figures,
    _figures,
    _figures,
)
_rates = st.builds(
    lambda requests, tokens, concurrent: Rates(
        requests=requests, tokens=None if tokens is None else Tokens(tokens), concurrent=concurrent
    ),
    _figures,
    _figures,
    _figures,
)


def _some(names: Sequence[Name]) -> st.SearchStrategy[frozenset[Name]]:
    """None of them, which means all, or some: to name each one is another way to say all."""
    return st.frozensets(st.sampled_from(names), max_size=len(names) - 1)


@st.composite
def keys(draw: st.DrawFn, name: str = "k", parent: str = "") -> Key:
    """A key of that id."""
    windows = draw(st.frozensets(st.sampled_from(WINDOWS)))
    return Key(
        id=name,
        parent=parent,
        tenant=draw(st.sampled_from(("", "", "t", "u"))),
        models=draw(_some(NAMES)),
        targets=draw(_some(NAMES)),
        tiers=draw(_some(tuple(Tier))),
        endpoints=draw(_some(ENDPOINTS)),
        rights=draw(st.frozensets(st.sampled_from(Right))),
        regions=draw(_some(REGIONS)),
        sensitivity=draw(st.sampled_from(Sensitivity)),
        metadata=tuple(
            sorted(draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from("xy"))).items())
        ),
        mode=draw(st.sampled_from(Mode)),
        debug=draw(st.booleans()),
        until=draw(st.none() | st.integers(1, 3).map(UnixMs)),
        priority=draw(st.sampled_from(Priority)),
        budgets=tuple(
            Budget(payer=Payer.KEY, name=name, window=window, most=draw(_bounds))
            for window in WINDOWS
            if window in windows
        ),
        rates=draw(_rates),
    )


@st.composite
def kin(draw: st.DrawFn) -> tuple[Key, Key]:
    """A maker, and a key that has all from it but for a field or two: as likely wider as not."""
    maker, other = draw(keys("maker")), draw(keys("child"))
    taken = draw(st.frozensets(st.sampled_from(FIELDS), max_size=2))
    child = msgspec.structs.replace(maker, id="child", parent="maker")
    return (
        msgspec.structs.replace(child, **{name: getattr(other, name) for name in taken}),
        maker,
    )


def acts(key: Key) -> set[tuple[object, ...]]:
    """All that a key may do, in each respect by itself."""
    return {
        *(
            (scope, each)
            for scope, every in SCOPES.items()
            for each in every
            if not getattr(key, scope) or each in getattr(key, scope)
        ),
        *(("target", each) for each in Sensitivity if each >= key.sensitivity),
        *(("right", each) for each in key.rights),
        *(("priority", each) for each in Priority if each <= key.priority),
        *(("at", at) for at in range(5) if key.until is None or at < key.until),
        *(("tenant", name) for name in "tu" if key.tenant in {"", name}),
        *(("debug",) for _ in range(key.debug)),
        *(
            ("metadata", name, value)
            for name in NAMES
            for value in "xyz"
            if dict(key.metadata).get(name, value) == value
        ),
        *(
            (name, much)
            for name, most in msgspec.structs.asdict(key.rates).items()
            for much in range(5)
            if most is None or much <= most
        ),
        *(
            ("budget", window, name, much)
            for window in WINDOWS
            for name in ("money", "tokens", "calls")
            for much in range(5)
            if all(
                (most := getattr(it.most, name)) is None or much <= most
                for it in key.budgets
                if it.window is window
            )
        ),
    }
