"""What a target takes over all callers: by its owner's word, and by its own."""

from collections.abc import Mapping
from functools import partial

from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.fact import Tried
from switchgear.domain.rate import Rates
from switchgear.domain.target import Kind
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.cost import expected_output
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.quota import Need, Quotas
from switchgear.pipeline.rate import SOON, Refusals
from switchgear.ports.handler import Trail
from switchgear.ports.meter import Metered, Meters, NoRoom


class Throttle:
    """Lets an attempt go to its target only where there is room for it there."""

    def __init__(
        self, meters: Meters, rates: Mapping[str, Rates], quotas: Quotas, refusals: Refusals
    ) -> None:
        """Take what counts, the owner's rates of those targets that have any, and their own."""
        self._meters = meters
        self._rates = rates
        self._quotas = quotas
        self._refusals = refusals

    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Take the attempt's share of both; see ``Toll``."""
        target, ask = bid.target, bid.decided.ask
        need = Need(ask.input_tokens, expected_output(ask))
        told = target.kind is not Kind.TOOL
        wait = self._quotas.wait_for(target, need) if told else 0.0
        if wait > 0:
            self._refusals["target", "quota"] += 1
            return _busy(f"{target.id} has told us that it takes no more for now", Seconds(wait))
        rates = self._rates.get(target.id) if self._rates else None
        if rates is not None:
            error = await self._take(bid, taken, rates, need)
            if error is not None:
                return error
        if told:
            number = self._quotas.send(target, need)
            taken.hear = partial(self._quotas.hear, target, number)
            taken.at_close(partial(self._quotas.end, target, number))
        return None

    async def _take(
        self, bid: Bid, taken: Taken, rates: Rates, need: Need
    ) -> SwitchgearError | None:
        name, tokens = f"target/{bid.target.id}", Tokens(need.input + need.output)
        found = await self._meters.take(bid.id, [Metered(name, rates)], tokens)
        if isinstance(found, NoRoom):
            self._refusals["target", found.what] += 1
            limit = getattr(rates, found.what)
            span = "at once" if found.what == "concurrent" else "a minute"
            what = "calls" if found.what == "concurrent" else found.what
            told = f"{bid.target.id} is at the limit set for it: {limit} {what} {span}"
            return _busy(told, found.wait or SOON)
        taken.at_close(partial(self._settle, bid))
        return None

    def _settle(self, bid: Bid) -> None:
        self._meters.settle(bid.id, _used(bid.trail, bid.target.id))


def _used(trail: Trail, target: str) -> Tokens:
    """Return what the last attempt at a target has used."""
    for fact in reversed(trail.facts):
        if type(fact) is Tried and fact.attempt.target == target:
            usage = fact.attempt.usage
            return Tokens(0 if usage is None else usage.input + usage.output)
    return Tokens(0)


def _busy(message: str, wait: Seconds) -> UpstreamBusy:
    error = UpstreamBusy(f"{message}.")
    error.retry_after = wait
    return error
