"""Let no more in of a key and its tenant than their rates allow."""

from collections import Counter
from collections.abc import Mapping, Sequence

from switchgear.config.setup import Tenant
from switchgear.domain.call import Call
from switchgear.domain.caller import Key
from switchgear.domain.denial import BeyondRate, RateLimited
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.fact import Admitted, Tried
from switchgear.domain.rate import NO_BOUNDS, Level
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.cost import EXPECTED_OUTPUT
from switchgear.engine.features import CHARS_PER_TOKEN, input_tokens, survey
from switchgear.ports.handler import Handler, Layer, Reply, Trail
from switchgear.ports.meter import LetIn, Metered, Meters, NoRoom

SOON = Seconds(1.0)
"""When to come again where a place is wanted: nobody knows when one will be free."""
SMALL = 8_192
"""Bytes of a body up to which all of them are taken for text: counting words would cost more than
all else here, and what is taken too much is given back."""
KINDS = {"key": "this key", "tenant": "this key's tenant", "target": "a target"}

Refusals = Counter[tuple[str, str]]
"""Calls that were refused, by whose limit and by what it was of."""


def rate(meters: Meters, tenants: Mapping[str, Tenant], refusals: Refusals) -> Layer:
    """Return the layer that takes what a call needs of its key's and its tenant's rates.

    Tokens are an estimate until the call has ended. A place is given back with the reply.
    """

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            of = metered(call.caller.key, tenants)
            if not of:
                return await inner(call, trail)
            found = await meters.take(call.id, of, _expected(call, of))
            if isinstance(found, NoRoom):
                refusals[found.name.partition("/")[0], found.what] += 1
                trail.add(_lacking(found, of))
                raise refused(found, of)
            trail.add(_admitted(found))
            try:
                reply = await inner(call, trail)
            except BaseException:
                meters.settle(call.id, used(trail))
                raise
            reply.at_close(lambda: meters.settle(call.id, used(trail)))
            return reply

        return handle

    return layer


def metered(key: Key, tenants: Mapping[str, Tenant]) -> list[Metered]:
    """Return what a key's calls count in: its own rates, its makers', and its tenant's."""
    found = [] if key.rates == NO_BOUNDS else [Metered(f"key/{key.id}", key.rates)]
    if key.makers:
        found += [Metered(f"key/{it.id}", it.rates) for it in key.makers if it.rates != NO_BOUNDS]
    if tenants and key.tenant:
        tenant = tenants.get(key.tenant)
        if tenant is not None and tenant.rates != NO_BOUNDS:
            found.append(Metered(f"tenant/{key.tenant}", tenant.rates))
    return found


def used(trail: Trail) -> Tokens:
    """Return what the attempts at a call have used, as far as their targets told or we saw."""
    return Tokens(
        sum(
            fact.attempt.usage.input + fact.attempt.usage.output
            for fact in trail.facts
            if type(fact) is Tried and fact.attempt.usage is not None
        )
    )


def refused(found: NoRoom, of: Sequence[Metered]) -> SwitchgearError:
    """Return what the caller is told."""
    limit, told = _limit(found, of), _told(found)
    if not found.ever:
        return BeyondRate(f"This call alone is more than the limit of {told} allows: {limit}.")
    error = RateLimited(f"The limit of {told} is reached: {limit}. Try again a little later.")
    error.retry_after = SOON if found.wait is None else found.wait
    return error


def _told(found: NoRoom) -> str:
    kind, _, name = found.name.partition("/")
    return f"{KINDS[kind]} ({name})"


def _limit(found: NoRoom, of: Sequence[Metered]) -> str:
    limit = _most(found, of)
    if found.what == "concurrent":
        return f"{limit} calls at once"
    return f"{limit} {found.what} a minute"


def _most(found: NoRoom, of: Sequence[Metered]) -> int:
    rates = next(each.rates for each in of if each.name == found.name)
    return int(getattr(rates, found.what))


def _expected(call: Call, of: Sequence[Metered]) -> Tokens:
    """Return the tokens that a call is expected to use; 0 where nobody counts them.

    For the output it is the usual length of an answer, or what the caller allows if that is less:
    many callers always allow the most there is, and would be let in one at a time.
    """
    if call.endpoint not in {Endpoint.ANSWER, Endpoint.EMBED}:
        return Tokens(0)
    if all(each.rates.tokens is None for each in of):
        return Tokens(0)
    try:
        talk = call.body.conversation
    except SwitchgearError:  # it cannot be read; the caller is told so further in
        return Tokens(0)
    output = 0
    if call.endpoint is Endpoint.ANSWER:
        most = talk.max_output
        output = EXPECTED_OUTPUT if most is None else min(most, EXPECTED_OUTPUT)
    size = len(call.body.raw)
    if size <= SMALL:
        return Tokens(int(size / CHARS_PER_TOKEN) + output)
    return Tokens(input_tokens(survey(talk)) + output)


def _admitted(found: LetIn) -> Admitted:
    return Admitted(requests=found.requests, tokens=found.tokens)


def _lacking(found: NoRoom, of: Sequence[Metered]) -> Admitted:
    """Return what the limit that had too little has left: nothing that is of use."""
    level = Level(limit=_most(found, of), left=0, reset=found.wait or Seconds(0.0))
    if found.what == "tokens":
        return Admitted(tokens=level)
    return Admitted(requests=level) if found.what == "requests" else Admitted()
