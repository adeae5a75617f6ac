"""What is known, while the gateway runs, of how each model counts tokens."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from switchgear.domain.ask import Shape
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.estimate import UNTAUGHT, Knowledge, taught, teaches, tokens_of
from switchgear.engine.features import input_tokens
from switchgear.ports.ledger import Ledger, Query

SETTLED = 100
"""Counts after which a model's weights are nearly still; from then on few are learnt from."""
EVERY = 8
"""Of the counts of a model whose weights are settled, one in so many is learnt from."""
MOST_MODELS = 1_000
"""Known at once; the one that was met first is forgotten first."""

RECALLED = 300
"""Calls on the ledger that are learnt from at the start: at most 30 ms of work."""
RECALL = Seconds(0.5)
"""How long they may take to be read; without them it is learnt anew."""


class Estimates:
    """The estimates of all models. It outlives a reload."""

    def __init__(self) -> None:
        """Know what holds for most models, and nothing of any."""
        self._known: dict[str, Knowledge] = {}
        self._pooled = UNTAUGHT
        """Of models together, for those that have not been met."""
        self._heard = 0

    def input_tokens(self, shape: Shape, model: str = "") -> Tokens:
        """Return how many tokens of input a model is expected to count; any, where none is named.

        ``model`` is the provider's own name for it, as ``Target.model`` has it.
        """
        if not shape.counts.known:
            return input_tokens(shape)
        return tokens_of(shape, self._known.get(model, self._pooled))

    def learn(self, shape: Shape, model: str, counted: Tokens) -> None:
        """Learn from what a model counted as the input of a call, cached tokens included."""
        if not teaches(shape):
            return
        known = self._known.get(model)
        self._heard += 1
        if known is None:
            known = Knowledge(weights=self._pooled.weights)
            if len(self._known) >= MOST_MODELS:
                del self._known[next(iter(self._known))]
        elif known.seen >= SETTLED and self._heard % EVERY:
            return
        if known.seen < SETTLED:
            self._pooled = taught(self._pooled, shape, counted)
        self._known[model] = taught(known, shape, counted)

    def recall(self, entries: Iterable[Entry]) -> None:
        """Learn from calls that are on the ledger, in the order in which they come."""
        for entry in entries:
            if entry.ask is None or entry.endpoint is not Endpoint.ANSWER:
                continue
            for attempt in entry.attempts:
                if attempt.usage is not None and _whole(attempt):
                    self.learn(entry.ask.shape, attempt.model, attempt.usage.input)


def _whole(attempt: Attempt) -> bool:
    """Whether a target was sent just the call, and told what it counted."""
    told = attempt.stop is not None and not attempt.estimated
    return told and attempt.role is not Role.RESCUE


async def warm(estimates: Estimates, ledger: Ledger, span: Seconds = RECALL) -> None:
    """Learn from the last calls on the ledger, if they can be read in time."""
    with suppress(LedgerDown, TimeoutError):
        async with asyncio.timeout(span):
            entries = await ledger.list(Query(end=End.ANSWERED, limit=RECALLED))
        estimates.recall(reversed(entries))
