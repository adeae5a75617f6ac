"""Say how many tokens a call's input has: the target's own count, or our estimate, marked."""

import asyncio
from contextlib import suppress

from switchgear.config.setup import Setup
from switchgear.domain.call import Call
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import NothingFits, UpstreamError
from switchgear.domain.event import Finished, Stop, Usage
from switchgear.domain.fact import Committed, Decided
from switchgear.domain.piece import Piece
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import Seconds
from switchgear.pipeline.attempt import Means
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.recall import retold
from switchgear.pipeline.route import Router
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.upstream import Endpoint, Order

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
        bid = target and Bid(
            id=f"{call.id}.0",
            call=call,
            trail=trail,
            decided=decided,
            target=target,
            until=Seconds(call.began + self._means.patience.first),
        )
        dialect, piece = await self._counted(bid) if bid else (None, None)
        own = Seconds(self._means.clock.now() - call.began)
        trail.add(Committed(target=target.id if target and piece else "", own=own))
        head = Head(
            target=target.id if target else "",
            model=target.model if target else "",
            dialect=dialect if piece else None,
            stream=False,
            tier=decided.decision.tier.name.lower(),
            reason="counted by the target" if piece else ESTIMATED,
            attempts=1 if piece else 0,
            own=own,
        )
        return _reply(head, piece or self._estimated(decided, target))

    def _estimated(self, decided: Decided, target: Target | None) -> Piece:
        model = target.model if target else ""
        count = self._means.estimates.input_tokens(decided.ask.shape, model)
        return Piece(b"", (Finished(stop=Stop.END, usage=Usage(input=count)),))

    async def _counted(self, bid: Bid) -> tuple[Dialect | None, Piece | None]:
        """Return the target's own count; no piece when it counts nothing, or fails to.

        Raises:
            Stopped: the owner has stopped the call.
        """
        taken = Taken()
        try:
            if bid.target.kind is Kind.TOOL or await self._means.halts.pay(bid, taken):
                return None, None
            return await self._asked(bid.call, bid.target, taken)
        finally:
            taken.close()

    async def _asked(
        self, call: Call, target: Target, taken: Taken
    ) -> tuple[Dialect | None, Piece | None]:
        order = Order(
            target=target,
            body=call.body,
            edits=retold(call, target),
            endpoint=Endpoint.COUNT,
            headers=call.headers,
        )
        answer = self._means.upstream.begin(order)
        taken.cut = answer.close
        try:
            with suppress(NothingFits, UpstreamError, TimeoutError):
                async with asyncio.timeout(self._means.patience.first):
                    await answer.open()
                    return answer.dialect, await answer.read()
        finally:
            answer.close()
        return None, None


def _reply(head: Head, piece: Piece) -> Reply:
    pieces = [piece]

    async def read() -> Piece | None:
        return pieces.pop() if pieces else None

    return Reply(head, read)
