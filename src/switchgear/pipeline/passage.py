"""Pass a request through to the target that is named for its kind, once, and meter it."""

from typing import cast

import msgspec

from switchgear.config.setup import PASSED_IN, Setup
from switchgear.domain.call import Call
from switchgear.domain.decision import Reason
from switchgear.domain.errors import (
    NotAllowed,
    NothingFits,
    NotPassed,
    SwitchgearError,
    UnknownModel,
)
from switchgear.domain.fact import Committed, Decided
from switchgear.domain.fact import Passed as PassedOn
from switchgear.domain.piece import Piece
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.fold import waited_of
from switchgear.pipeline.attempt import Means, Try
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.leave import Leave
from switchgear.pipeline.purse import flat_cost
from switchgear.pipeline.route import Router
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.passage import Passed, PassedAnswer, Take
from switchgear.ports.upstream import Order

LONGEST = 100
"""Letters of a name that an error repeats."""
NO_STATUS = 200
"""Stands where there was none: the ending then tells another."""


class Passer:
    """The innermost handler of what is passed through, for one version of the config."""

    def __init__(self, setup: Setup, router: Router, means: Means) -> None:
        """Take what decides, and what the attempt works with."""
        self._setup = setup
        self._router = router
        self._means = means
        self._targets = {target.id: target for target in setup.policy.targets}

    async def __call__(self, call: Call, trail: Trail) -> Reply:
        """Return the answer of the one target, whatever its status says.

        Raises:
            NotPassed: the config names no target for requests of this kind.
            UnknownModel, NothingFits, NotAllowed, NoTarget: nobody was called.
            UpstreamError: the target could not be called, or failed; it is not tried again.
        """
        target = self._target(call)
        body = _checked(call, target)
        decided = self._router.decide(
            msgspec.structs.replace(call, body=msgspec.structs.replace(body, model=target.id))
        )
        trail.add(decided)
        if decided.decision.plan != (target.id,):
            raise self._refusal(decided, target)
        taken = Taken()
        try:
            return await self._passed(call, trail, decided, taken)
        except BaseException:
            taken.close()
            raise

    async def _passed(self, call: Call, trail: Trail, decided: Decided, taken: Taken) -> Reply:
        body, target = _checked(call, self._target(call)), self._target(call)
        bid = Bid(
            id=f"{call.id}.0",
            call=call,
            trail=trail,
            decided=decided,
            target=target,
            until=Seconds(call.began + self._means.patience.call),
        )
        refusal = await self._means.entrance.enter(bid, taken)
        if taken.permit is None:
            raise refusal or self._refusal(decided, target)
        leave = Leave(
            target=target,
            permit=taken.permit,
            taken=taken,
            key=call.caller.key.id,
            began=call.began,
            input_tokens=Tokens(0),
            measured=False,
            flat=flat_cost(body, self._setup.passthrough.costs.get(call.endpoint)),
        )
        meter = _Meter(body.take, trail)
        passed = msgspec.structs.replace(body, take=meter.take)
        order = Order(target=target, body=passed, endpoint=call.endpoint)
        own = Seconds(self._means.clock.now() - call.began - waited_of(trail.facts))
        attempt = Try(leave, order, self._means, trail)
        await meter.open(attempt)
        trail.add(Committed(target=target.id, own=own))
        reply = Reply(_head(attempt, decided, own), meter.read)
        reply.at_close(meter.close)
        return reply

    def _target(self, call: Call) -> Target:
        body, kind = call.body, call.endpoint.value
        _ = body.conversation  # raises what is wrong with a request that could not be read
        declared = self._setup.passthrough.targets.get(call.endpoint)
        if declared is None or not isinstance(body, Passed):
            raise NotPassed(
                f"Nothing is passed through for {kind} here. Write `passthrough: {{{kind}: "
                "<id of a target>}` in the config; its provider is who gets such requests."
            )
        named = body.named or (body.model if body.model in self._targets else declared)
        target = self._targets.get(named)
        if target is None:
            raise UnknownModel(f"There is no target {named[:LONGEST]!r} to pass this through to.")
        provider = self._setup.providers.get(target.provider)
        if target.kind is Kind.TOOL or provider is None:
            raise NothingFits(f"{target.id} lives at no provider that it could be passed to")
        if provider.dialect not in PASSED_IN[call.endpoint]:
            raise NothingFits(
                f"{kind} cannot be passed through to {target.id}: "
                f"its provider speaks {provider.dialect.value}"
            )
        return target

    def _refusal(self, decided: Decided, target: Target) -> SwitchgearError:
        why = {each.target: each.reason for each in decided.decision.verdicts}[target.id]
        if why is Reason.NOT_ALLOWED:
            return NotAllowed(f"This key may not use {target.id}.")
        return self._router.nobody(decided)


def _checked(call: Call, target: Target) -> Passed:
    """Return the body, if it may go to the target.

    Raises:
        NotAllowed: it names a model that a key with limits was not given.
    """
    body, key = call.body, call.caller.key
    if not isinstance(body, Passed):
        raise NotPassed
    known = {target.id, target.model}
    foreign = [name for name in (body.model, *body.inner) if name and name not in known]
    if foreign and (key.models or key.targets or key.tiers):
        raise NotAllowed(f"This key may not ask for {foreign[0][:LONGEST]!r} there.")
    return body


def _head(attempt: Try, decided: Decided, own: Seconds) -> Head:
    target, answer = attempt.target, cast("PassedAnswer", attempt.answer)
    return Head(
        target=target.id,
        model=target.model,
        dialect=answer.dialect,
        stream=False,
        tier=decided.decision.tier.name.lower(),
        reason="passed through",
        attempts=1,
        own=own,
        status=answer.status,
        headers=answer.headers,
    )


class _Meter:
    """Counts the bytes of one attempt that go by, and says once how many they were."""

    __slots__ = ("_attempt", "_in", "_out", "_take", "_told", "_trail")

    def __init__(self, take: Take, trail: Trail) -> None:
        self._take = take
        self._trail = trail
        self._attempt: Try
        self._in = self._out = 0
        self._told = False

    async def take(self) -> bytes:
        """Return the next part of the request's body."""
        part = await self._take()
        self._in += len(part)
        return part

    async def open(self, attempt: Try) -> None:
        """Return when the answer has begun."""
        self._attempt = attempt
        try:
            await attempt.commit()
        except BaseException:
            self._tell()
            raise

    async def read(self) -> Piece | None:
        """Return the next piece."""
        try:
            piece = await self._attempt.read()
        except BaseException:
            self._tell()
            raise
        if piece is not None:
            self._out += len(piece.raw or b"")
            if piece.finish is not None:
                self._tell()
        return piece

    def close(self) -> None:
        """Give everything back."""
        self._attempt.close()
        self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            status = self._attempt.answer.status or NO_STATUS
            self._trail.add(PassedOn(status=status, bytes_in=self._in, bytes_out=self._out))
