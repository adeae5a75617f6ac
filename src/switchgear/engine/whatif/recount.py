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
        self.counts: Counter[str] = Counter()
        self.ways = tuple([_Way(name) for name in NAMES])
        self.moves: dict[tuple[str, str], _Tally] = {}
        self.kinds: dict[Kind, _Tally] = {}
        self.unserved: Counter[str] = Counter()

    def unread(self, rows: int) -> None:
        """Count rows that could not be read."""
        self.counts["rows"] += rows
        self.counts["unread"] += rows

    def undecided(self) -> None:
        """Count a row without a decision."""
        self.counts["rows"] += 1
        self.counts["undecided"] += 1

    def add(self, case: Case) -> None:
        """Take one more case."""
        signs = _signs(case)
        _count(self.counts, signs)
        kind = (case.route, case.agent, case.step)
        _tally(self.kinds, kind, (OTHERS,) * 3).add(signs, case)
        if "unserved" in signs:
            name = case.route if len(self.unserved) < MOST_KINDS else OTHERS
            self.unserved[name] += 1
        elif case.changed:
            _tally(self.moves, (case.before, case.after), (OTHERS,) * 2).add(signs, case)
        for way, figure in zip(self.ways, case.figures, strict=False):
            way.add(figure)

    def merge(self, other: "Recount") -> None:
        """Take all cases that another has taken: calls may be counted in parts."""
        self.counts.update(other.counts)
        self.unserved.update(other.unserved)
        for way, its in zip(self.ways, other.ways, strict=True):
            way.merge(its)
        for kind, tally in other.kinds.items():
            _tally(self.kinds, kind, (OTHERS,) * 3).merge(tally)
        for move, tally in other.moves.items():
            _tally(self.moves, move, (OTHERS,) * 2).merge(tally)

    def report(self) -> Report:
        """Return what they come to so far."""
        moves = [
            Move(before=key[0], after=key[1], calls=it.signs["decided"], cost=it.cost)
            for key, it in self.moves.items()
        ]
        shares = [_share(kind, it) for kind, it in self.kinds.items()]
        return Report(
            counts=Counts(**self.counts),
            measures=tuple([way.measure() for way in self.ways]),
            moves=tuple(sorted(moves, key=lambda it: (-it.calls, it.before, it.after))),
            shares=tuple(
                sorted(shares, key=lambda it: (-it.changed, -it.calls, it.route, it.agent, it.step))
            ),
            unserved=tuple(self.unserved.most_common()),
        )


class _Tally:
    """Calls of one kind."""

    __slots__ = ("pairs", "signs")

    def __init__(self) -> None:
        self.signs: Counter[str] = Counter()
        self.pairs = Pairs()

    def add(self, signs: list[str], case: Case) -> None:
        _count(self.signs, signs)
        if case.figures:
            self.pairs.add(case.figures[0].before, case.figures[0].after)

    def merge(self, other: "_Tally") -> None:
        self.signs.update(other.signs)
        self.pairs.merge(other.pairs)

    @property
    def cost(self) -> float:
        return self.pairs.change.value * self.pairs.count


class _Way:
    """One measure, by each way of estimating it."""

    __slots__ = ("draws", "name", "recount", "robust")

    def __init__(self, name: str) -> None:
        self.name = name
        self.recount, self.robust, self.draws = Pairs(), Pairs(), Draws()

    def add(self, figure: Figure) -> None:
        self.recount.add(figure.before, figure.after, figure.doubt)
        drawn = figure.drawn
        if drawn is None:
            self.robust.add(figure.before, figure.after, figure.doubt)
        else:
            self.draws.add(drawn)
            self.robust.add(figure.before, drawn.corrected)

    def merge(self, other: "_Way") -> None:
        self.recount.merge(other.recount)
        self.robust.merge(other.robust)
        self.draws.merge(other.draws)

    def measure(self) -> Measure:
        drawn = self.draws.result()
        return Measure(
            name=self.name,
            calls=self.recount.count,
            recount=estimate_of(self.recount),
            drawn=drawn,
            robust=None if drawn is None else estimate_of(self.robust),
        )


def _count(counts: Counter[str], signs: list[str]) -> None:
    for each in signs:  # for a few, faster than `update`
        counts[each] += 1


def _signs(case: Case) -> list[str]:
    """Return the counts that one case adds to."""
    signs = ["rows", "decided"]
    if case.observed:
        signs.append("observed")
    if case.figures:
        signs.append("compared")
    if case.labelled:
        signs.append("labelled")
    return [*signs, *_changes(case)] if case.changed else signs


def _changes(case: Case) -> list[str]:
    if not case.after:
        return ["changed", "unserved"]
    if not case.before:
        return ["changed", "newly"]
    signs = ["changed"] if case.learnt else ["changed", "guessed"]
    before, after = case.tiers
    if before is not None and after is not None and before != after:
        signs.append("up" if after > before else "down")
    return signs


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
