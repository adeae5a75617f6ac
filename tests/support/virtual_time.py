"""An event loop whose time leaps to the next timer, so that half a minute's silence is free."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from typing_extensions import override

T = TypeVar("T")


class _Leaping(selectors.SelectSelector):
    """Does not sleep until the next timer: moves the clock there."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits and nothing is going to happen")
        self.now += timeout
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """Starts at zero; what its exception handler is told is kept in ``reports``."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)
        self.reports: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, report: self.reports.append(report))

    @override
    def time(self) -> float:
        return self._leaping.now

    def stand_still(self, span: float) -> None:
        """Let time pass as while something keeps the loop from running."""
        self._leaping.now += span


def run(life: Coroutine[Any, Any, T], *, reports: int = 0) -> T:
    """Run to the end; exactly so many failures are reported to the loop on the way."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        outcome = runner.run(life)
        loop = runner.get_loop()
        assert isinstance(loop, LeapingLoop)
        assert len(loop.reports) == reports, loop.reports
        return outcome
