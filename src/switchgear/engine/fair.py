"""Who is next among calls that wait for the same: start-time fair queueing.

Each flow has a virtual start, which its calls move on by their cost over its weight. The flow with
the least start is next; one that comes anew starts at the virtual time, which is the start of the
call served last, so nothing is saved up by not calling. Between two flows that both wait, what was
served differs from their shares by at most one call of each.

Source: ADR 0022, with the literature.
"""

from collections import OrderedDict
from heapq import heapify, heappop, heappush

from switchgear.engine.waiter import Waiter

SPARE = 64
"""Marks that are out of date, or flows that are idle, up to which tidying up is not worth it."""


class _Flow:
    __slots__ = ("finish", "mark", "start", "waiting")

    def __init__(self) -> None:
        self.waiting: OrderedDict[Waiter, None] = OrderedDict()
        self.start = self.finish = 0.0
        self.mark = 0
        """Which of its marks in the heap counts."""


class Fair:
    """The calls of one lane and one size that wait, each in its flow; O(log n) for each step."""

    __slots__ = ("_flows", "_marks", "_now", "_number", "_order", "_tidy_at")

    def __init__(self) -> None:
        """Start with nobody."""
        self._flows: dict[str, _Flow] = {}
        self._order: OrderedDict[Waiter, None] = OrderedDict()
        self._marks: list[tuple[float, int, _Flow]] = []
        self._now = 0.0
        self._number = 0
        self._tidy_at = SPARE

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._order)

    @property
    def oldest(self) -> Waiter | None:
        """Who came first of those who wait."""
        return next(iter(self._order), None)

    @property
    def youngest(self) -> Waiter | None:
        """Who came last of those who wait."""
        return next(reversed(self._order), None)

    def before(self, flow: str) -> int:
        """Return how many of a flow wait."""
        found = self._flows.get(flow)
        return len(found.waiting) if found else 0

    def add(self, waiter: Waiter) -> None:
        """Let one wait, behind those of its own flow."""
        flow = self._flows.get(waiter.flow)
        if flow is None:
            if len(self._flows) >= self._tidy_at:
                self._forget_idle()
            flow = self._flows[waiter.flow] = _Flow()
        anew = not flow.waiting
        flow.waiting[waiter] = None
        self._order[waiter] = None
        if anew:
            self._mark(flow, max(self._now, flow.finish))

    def next(self) -> Waiter | None:
        """Return whose turn it is; it stays."""
        marks = self._marks
        while marks:
            _, mark, flow = marks[0]
            if mark == flow.mark and flow.waiting:
                return next(iter(flow.waiting))
            heappop(marks)
        return None

    def serve(self, waiter: Waiter) -> None:
        """Take out the one whose turn it is, and let its flow pay for it."""
        flow = self._flows[waiter.flow]
        self._now = max(self._now, flow.start)
        flow.finish = flow.start + waiter.cost / waiter.weight
        self.drop(waiter)
        if flow.waiting:
            self._mark(flow, flow.finish)

    def drop(self, waiter: Waiter) -> None:
        """Take one out that is not served: it costs its flow nothing."""
        del self._order[waiter]
        del self._flows[waiter.flow].waiting[waiter]
        if not self._order:  # nobody competes: nothing is owed any more
            self._flows.clear()
            self._marks.clear()
            self._now, self._tidy_at = 0.0, SPARE

    def _mark(self, flow: _Flow, start: float) -> None:
        self._number += 1
        flow.start, flow.mark = start, self._number
        heappush(self._marks, (start, self._number, flow))
        if len(self._marks) > 2 * len(self._flows) + SPARE:
            self._marks = [it for it in self._marks if it[1] == it[2].mark and it[2].waiting]
            heapify(self._marks)

    def _forget_idle(self) -> None:
        """Forget flows that would start at the virtual time anyway."""
        idle = [
            name
            for name, flow in self._flows.items()
            if not flow.waiting and flow.finish <= self._now
        ]
        for name in idle:
            del self._flows[name]
        self._tidy_at = max(SPARE, 2 * len(self._flows))
