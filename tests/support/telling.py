"""Scripted targets with a hard limit, which say in each answer how much is left of it."""

import asyncio
from collections.abc import Mapping

from typing_extensions import override

from switchgear.adapters.upstreams.scripted import (
    Act,
    Refuses,
    Script,
    ScriptedAnswer,
    ScriptedUpstream,
    one_turn,
)
from switchgear.domain.errors import UpstreamBusy
from switchgear.domain.rate import Level, Quota
from switchgear.domain.units import Seconds
from switchgear.ports.upstream import Order


class Window:
    """So many requests in each window; beyond that, 429."""

    def __init__(self, limit: int, span: Seconds) -> None:
        self.limit = limit
        self.span = span
        self.let_in = 0
        self.refused = 0
        self._left = limit
        self._until = -1.0

    def take(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            self._left, self._until = self.limit, now + self.span
        if self._left <= 0:
            self.refused += 1
            return False
        self._left -= 1
        self.let_in += 1
        return True

    def told(self) -> Quota:
        reset = max(0.0, self._until - asyncio.get_running_loop().time())
        return Quota(requests=Level(limit=self.limit, left=self._left, reset=Seconds(reset)))


class Telling(ScriptedUpstream):
    """Those with a window keep to it, and say so."""

    def __init__(self, scripts: Mapping[str, Script], windows: Mapping[str, Window]) -> None:
        super().__init__(scripts, one_turn)
        self.windows = windows

    @override
    def begin(self, order: Order) -> "TellingAnswer":
        return TellingAnswer(self, order, one_turn)

    @override
    def enter(self, order: Order) -> Act:
        act = super().enter(order)
        window = self.windows.get(order.target.id)
        if window is None or window.take():
            return act
        error = UpstreamBusy()
        error.retry_after = window.span
        return Refuses(error, 429)


class TellingAnswer(ScriptedAnswer):
    """Says what was left when it began."""

    _told: Quota | None = None

    @property
    @override
    def quota(self) -> Quota | None:
        return self._told

    @override
    async def open(self) -> None:
        try:
            await super().open()
        finally:
            assert isinstance(self._upstream, Telling)
            window = self._upstream.windows.get(self._order.target.id)
            self._told = None if window is None else window.told()
