"""What a key may do at most: no more than the one that made it.

Of a scope that is a set, the empty set means all; of a figure, None means any.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any, TypeVar

import msgspec

from switchgear.domain.account import Bound, Budget
from switchgear.domain.caller import Key, Maker
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import NotAllowed
from switchgear.domain.rate import Rates
from switchgear.domain.target import Target

SCOPES = ("models", "targets", "tiers", "endpoints", "regions")
"""Fields that are sets of which the empty one means all."""
BOUNDS = ("money", "tokens", "calls")
RATES = ("requests", "tokens", "concurrent")
MOST_LISTED, LONGEST = 8, 100
"""Names, and letters of each, that a message repeats."""

Figure = TypeVar("Figure", bound=int)


def narrower(child: Key, maker: Key) -> tuple[str, ...]:
    """Return in which ways a key may do more than its maker, in words; none if in no way.

    A budget of the maker's is kept where it is among the child's own, so that both pay, or where
    the child's for the same window allows no more in anything that it bounds.
    """
    return (
        *_scopes(child, maker),
        *_powers(child, maker),
        *_pinned(child, maker),
        *_rates(child.rates, maker.rates),
        *_budgets(child.budgets, maker.budgets),
    )


def meet(child: Key, maker: Key) -> Key | None:
    """Return what a key may do that no key may do more than ``maker``; None for nothing at all.

    Its maker's budgets are among its own: the chain pays.
    """
    scopes: dict[str, Any] = {}
    for name in SCOPES:
        mine, theirs = getattr(child, name), getattr(maker, name)
        scopes[name] = mine & theirs if mine and theirs else mine or theirs
        if mine and theirs and not scopes[name]:
            return None  # the empty set would mean all
    if child.tenant and maker.tenant and child.tenant != maker.tenant:
        return None
    return msgspec.structs.replace(
        child,
        **scopes,
        tenant=maker.tenant or child.tenant,
        rights=child.rights & maker.rights,
        sensitivity=max(child.sensitivity, maker.sensitivity),
        metadata=tuple(sorted({**dict(child.metadata), **dict(maker.metadata)}.items())),
        mode=maker.mode,
        debug=child.debug and maker.debug,
        until=_least(child.until, maker.until),
        priority=min(child.priority, maker.priority),
        rates=_slower(child.rates, maker.rates),
        budgets=_shared(child.budgets, maker.budgets),
        makers=(Maker(maker.id, maker.rates), *maker.makers),
    )


def allowed(target: Target, key: Key) -> bool:
    """Whether a key's calls may be sent to a target, whatever else the policy says."""
    return (
        (not key.targets or target.id in key.targets)
        and (not key.tiers or target.tier in key.tiers)
        and (not key.regions or target.region in key.regions)
        and target.sensitivity >= key.sensitivity
    )


def require(key: Key, endpoint: Endpoint) -> None:
    """Check that a key's calls may want this.

    Raises:
        NotAllowed: they may not.
    """
    if key.endpoints and endpoint not in key.endpoints:
        raise NotAllowed(f"This key may not ask for {endpoint.value}; its endpoints are limited.")


def _scopes(child: Key, maker: Key) -> Iterator[str]:
    for name in SCOPES:
        mine, theirs = getattr(child, name), getattr(maker, name)
        if theirs and not mine:
            yield f"{name}: all, where its maker has {_listed(theirs)}"
        elif theirs and not mine <= theirs:
            yield f"{name}: its maker has not {_listed(mine - theirs)}"
    if not child.rights <= maker.rights:
        yield f"rights: its maker has not {_listed(child.rights - maker.rights)}"
    if maker.tenant and child.tenant != maker.tenant:
        yield f"tenant: its maker's is {maker.tenant}"


def _powers(child: Key, maker: Key) -> Iterator[str]:
    if child.sensitivity < maker.sensitivity:
        yield f"sensitivity: its maker's data is {maker.sensitivity.name.lower()}"
    if child.mode is not maker.mode:
        yield f"mode: its maker's is {maker.mode.value}"
    if child.debug and not maker.debug:
        yield "debug: its maker may not"
    if child.priority > maker.priority:
        yield f"priority: its maker's is {maker.priority.name.lower()}"
    if _more(child.until, maker.until):
        yield "until: its maker ends before"


def _pinned(child: Key, maker: Key) -> Iterator[str]:
    for name, value in maker.metadata:
        if (name, value) not in child.metadata:
            yield f"metadata: its maker pins {name} to another value"


def _rates(mine: Rates, theirs: Rates) -> Iterator[str]:
    for name in RATES:
        most = getattr(theirs, name)
        if _more(getattr(mine, name), most):
            yield f"limits: {name}, of which its maker has {most}"


def _budgets(mine: tuple[Budget, ...], theirs: tuple[Budget, ...]) -> Iterator[str]:
    for most in theirs:
        rivals = [it for it in mine if it.window is most.window and it not in theirs]
        kept = most in mine
        for name in BOUNDS:
            bound = getattr(most.most, name)
            said = [getattr(it.most, name) for it in rivals]
            above = any(it is not None and _more(it, bound) for it in said)
            if above or not (kept or bound is None or any(it is not None for it in said)):
                yield f"budgets: {name} in a {most.window.value}, of which its maker has {bound}"


def _shared(mine: tuple[Budget, ...], theirs: tuple[Budget, ...]) -> tuple[Budget, ...]:
    """Return the budgets of both; none of the child's own allows more than its maker's."""
    own = [
        msgspec.structs.replace(each, most=_within(each, theirs))
        for each in mine
        if each not in theirs
    ]
    return (*own, *theirs)


def _within(budget: Budget, theirs: tuple[Budget, ...]) -> Bound:
    most = budget.most
    for each in theirs:
        if each.window is budget.window:
            found = {
                it: _least(getattr(most, it), getattr(each.most, it))
                for it in BOUNDS
                if getattr(most, it) is not None
            }
            most = msgspec.structs.replace(most, **found)
    return most


def _more(mine: int | None, theirs: int | None) -> bool:
    return theirs is not None and (mine is None or mine > theirs)


def _least(mine: Figure | None, theirs: Figure | None) -> Figure | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return min(mine, theirs)


def _slower(mine: Rates, theirs: Rates) -> Rates:
    return Rates(
        requests=_least(mine.requests, theirs.requests),
        tokens=_least(mine.tokens, theirs.tokens),
        concurrent=_least(mine.concurrent, theirs.concurrent),
    )


def _listed(values: AbstractSet[str | Enum]) -> str:
    names = [it.name.lower() if isinstance(it, Enum) else it[:LONGEST] for it in values]
    return ", ".join(sorted(names)[:MOST_LISTED])
