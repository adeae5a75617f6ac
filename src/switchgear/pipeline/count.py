"""Say how many tokens a call's input has: the target's own count, or our estimate, marked."""

import asyncio
from contextlib import suppress

from switchgear.config.setup import Setup
from switchgear.domain.call import Call
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamError
from switchgear.domain.event import Finished, Stop, Usage
from switchgear.domain.fact import Committed, Decided
from switchgear.domain.piece import Piece
from switchgear.domain.target import Target
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.attempt import Means
from switchgear.pipeline.route import Router
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.upstream import Endpoint, Order

COUNTING = frozenset({Dialect.ANTHROPIC_MESSAGES})
"""Dialects with an endpoint that counts."""
ESTIMATED = "estimated"


class Counter:
    """The handler of count_tokens: it decides as for an answer, and asks that target to count."""

    def __init__(self, setup: Setup, router: Router, means: Means) -> None:
        """Take what decides, and what asks."""
        self._setup = setup
        self._router = router
        self._means = means
        self._targets = {target.id: target for target in setup.policy.targets}

    async def __call__(self, call: Call, trail: Trail) -> Reply:
        """Return a reply of one piece, whose Finished tells the count."""
        decided = self._router.decide(call)
        trail.add(decided)
        target = self._targets.get(decided.decision.winner)
        usage = await self._counted(call, target) if target else None
        own = Seconds(self._means.clock.now() - call.began)
        trail.add(Committed(target=target.id if target and usage else "", own=own))
        return _reply(decided, usage, target, own)

    async def _counted(self, call: Call, target: Target) -> Usage | None:
        """Return the target's own count; None when it cannot count this body, or fails to."""
        provider = self._setup.providers.get(target.provider)
        if provider is None or provider.dialect not in COUNTING:
            return None
        if call.body.dialect is not provider.dialect:
            return None
        order = Order(
            target=target, body=call.body, endpoint=Endpoint.COUNT, headers=call.headers
        )
        answer = self._means.upstream.begin(order)
        try:
            with suppress(UpstreamError, TimeoutError):
                async with asyncio.timeout(self._means.patience.first):
                    await answer.open()
                    piece = await answer.read()
                    return piece.finish.usage if piece and piece.finish else None
        finally:
            answer.close()
        return None


def _reply(decided: Decided, usage: Usage | None, target: Target | None, own: Seconds) -> Reply:
    estimate = Usage(input=Tokens(decided.ask.input_tokens))
    pieces = [Piece(b"", (Finished(stop=Stop.END, usage=usage or estimate),))]

    async def read() -> Piece | None:
        return pieces.pop() if pieces else None

    head = Head(
        target=target.id if target else "",
        model=target.model if target else "",
        dialect=None,
        stream=False,
        tier=decided.decision.tier.name.lower(),
        reason="counted by the target" if usage else ESTIMATED,
        attempts=1 if usage else 0,
        own=own,
    )
    return Reply(head, read)
