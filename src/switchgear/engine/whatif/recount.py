"""The workbench of a replay: takes one case after another, and keeps sums."""

from collections import Counter
from typing import TypeVar

from switchgear.engine.whatif.case import NAMES, Case, Figure
from switchgear.engine.whatif.offpolicy import Draws
from switchgear.engine.whatif.pair import Pairs
from switchgear.engine.whatif.report import (
    Counts,
    Measure,
    Move,
    Report,
    Share,
    estimate_of,
)

MOST_KINDS = 2000
"""Kinds of calls, moves and names that are told apart; what comes after is counted together."""
OTHERS = "(others)"

Kind = tuple[str, str, str]
"""Route, agent and step."""
Key = TypeVar("Key")


class Recount:
    """Counts cases. What it keeps does not grow with their number."""

    def __init__(self) -> None:
        """Start with none."""
        self._counts: Counter[str] = Counter()
        self._ways = tuple([_Way(name) for name in NAMES])
        self._moves: dict[tuple[str, str], _Tally] = {}
        self._kinds: dict[Kind, _Tally] = {}
        self._unserved: Counter[str] = Counter()

    def unread(self, rows: int) -> None:
        """Count rows that could not be read."""
        self._counts["rows"] += rows
        self._counts["unread"] += rows

    def undecided(self) -> None:
        """Count a row without a decision."""
        self._counts["rows"] += 1
        self._counts["undecided"] += 1

    def add(self, case: Case) -> None:
        """Take one more case."""
        signs = _signs(case)
        self._counts.update(signs)
        kind = (case.route, case.agent, case.step)
        _tally(self._kinds, kind, (OTHERS,) * 3).add(signs, case)
        if "unserved" in signs:
            name = case.route if len(self._unserved) < MOST_KINDS else OTHERS
            self._unserved[name] += 1
        elif case.changed:
            _tally(self._moves, (case.before, case.after), (OTHERS,) * 2).add(signs, case)
        for way, figure in zip(self._ways, case.figures, strict=False):
            way.add(figure)

    def report(self) -> Report:
        """Return what they come to so far."""
        moves = [
            Move(before=key[0], after=key[1], calls=it.signs["decided"], cost=it.cost)
            for key, it in self._moves.items()
        ]
        shares = [_share(kind, it) for kind, it in self._kinds.items()]
        return Report(
            counts=Counts(**self._counts),
            measures=tuple([way.measure() for way in self._ways]),
            moves=tuple(sorted(moves, key=lambda it: (-it.calls, it.before, it.after))),
            shares=tuple(
                sorted(shares, key=lambda it: (-it.changed, -it.calls, it.route, it.agent, it.step))
            ),
            unserved=tuple(self._unserved.most_common()),
        )


class _Tally:
    """Calls of one kind."""

    __slots__ = ("pairs", "signs")

    def __init__(self) -> None:
        self.signs: Counter[str] = Counter()
        self.pairs = Pairs()

    def add(self, signs: tuple[str, ...], case: Case) -> None:
        self.signs.update(signs)
        if case.figures:
            self.pairs.add(case.figures[0].before, case.figures[0].after)

    @property
    def cost(self) -> float:
        return self.pairs.change.value * self.pairs.count


class _Way:
    """One measure, by each way of estimating it."""

    __slots__ = ("_draws", "_name", "_recount", "_robust")

    def __init__(self, name: str) -> None:
        self._name = name
        self._recount, self._robust, self._draws = Pairs(), Pairs(), Draws()

    def add(self, figure: Figure) -> None:
        self._recount.add(figure.before, figure.after, figure.doubt)
        drawn = figure.drawn
        if drawn is None:
            self._robust.add(figure.before, figure.after, figure.doubt)
        else:
            self._draws.add(drawn)
            self._robust.add(figure.before, drawn.corrected)

    def measure(self) -> Measure:
        drawn = self._draws.result()
        return Measure(
            name=self._name,
            calls=self._recount.count,
            recount=estimate_of(self._recount),
            drawn=drawn,
            robust=None if drawn is None else estimate_of(self._robust),
        )


def _signs(case: Case) -> tuple[str, ...]:
    """Return the counts that one case adds to."""
    signs = ["rows", "decided"]
    before, after = case.tiers
    served = bool(case.before and case.after)
    told = {
        "observed": case.observed,
        "compared": bool(case.figures),
        "labelled": case.labelled,
        "guessed": case.changed and not case.learnt,
        "changed": case.changed,
        "up": served and before is not None and after is not None and after > before,
        "down": served and before is not None and after is not None and after < before,
        "unserved": bool(case.before) and not case.after,
        "newly": bool(case.after) and not case.before,
    }
    return (*signs, *[name for name, holds in told.items() if holds])


def _tally(there: dict[Key, _Tally], key: Key, others: Key) -> _Tally:
    if key not in there and len(there) >= MOST_KINDS:
        key = others
    return there.setdefault(key, _Tally())


def _share(kind: Kind, tally: _Tally) -> Share:
    signs = tally.signs
    return Share(
        route=kind[0],
        agent=kind[1],
        step=kind[2],
        calls=signs["decided"],
        changed=signs["changed"],
        up=signs["up"],
        down=signs["down"],
        unserved=signs["unserved"],
        cost=tally.cost,
        relative=tally.pairs.relative,
    )
