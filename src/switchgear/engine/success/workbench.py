"""Where a success model is taken apart, learns, and is put together again.

The weights solve a ridge logistic regression by dual coordinate ascent (Shalev-Shwartz and Zhang
2013): each lesson has one dual variable, and a step solves for it alone. What a lesson teaches goes
in part to the weights that all targets share and in part to those of its own target.
"""

from math import sqrt

import msgspec

from switchgear.engine.success.model import (
    MOST_PLACES,
    Band,
    Side,
    SuccessModel,
    ids_of,
    shifted,
)
from switchgear.engine.success.sheaf import FIELD, ONE, tied, untied
from switchgear.engine.success.table import Cell, chain_of, counted, logit, mean_of
from switchgear.engine.success.trait import UNIT, Traits

ROUNDS = 12
"""Steps of Newton, or halvings where one would leap too far, for one dual variable."""
NEAR = 1e-4
"""How near is near enough; it is visited again."""


class Ridge(msgspec.Struct, frozen=True, kw_only=True):
    """How strongly weights are held to nought."""

    words: float = 4.0
    """Those of words, shared by all targets."""
    own_words: float = 2.0
    """What one target's differ from these."""
    counts: float = 0.5
    own_counts: float = 30.0


PLAIN_RIDGE = Ridge()


class Workbench:
    """A model in pieces that can be changed."""

    def __init__(self, model: SuccessModel, ridge: Ridge = PLAIN_RIDGE) -> None:
        """Take a copy of all that may change."""
        self._was = model
        self.ridge = ridge
        self.sides = dict(model.sides)
        self.table = dict(model.table)
        self._fresh: set[str] = set()
        self.grams = list(model.grams)
        self.counts = list(model.counts)
        self.places = model.places

    def side(self, target: str) -> Side:
        """Return what is known of a target; a new one gets its place."""
        side = self.sides.get(target)
        if side is None:
            place = 0
            if self.places < MOST_PLACES:
                place, self.places = self.places, self.places + 1
            side = self.sides[target] = Side(place=place)
        return side

    def count(self, traits: Traits, target: str, good: float, weight: float) -> None:
        """Count one label in all groups of its call."""
        for key in traits.cells:
            cell = self._cell(key)
            cell[target] = counted(cell.get(target), good, weight)

    def doubt(self, target: str, labels: float) -> None:
        """Leave no more than so many labels of a target in any group: it has changed."""
        for key in tuple(self.table):
            tally = self.table[key].get(target)
            if tally is not None and tally[1] > labels:
                share = labels / tally[1]
                self._cell(key)[target] = (tally[0] * share, labels)

    def foreseen(self, traits: Traits, target: str) -> float:
        """Return the log-odds that its group gives a target, without its traits."""
        return logit(mean_of(chain_of(self.table, traits.cells), target)[0])

    def step(self, point: "Point", offset: float, held: float) -> float:
        """Move the weights for one lesson, and return its dual variable.

        Shapes: ``held`` is what this returned for it the time before; 0 for the first.
        """
        score = offset + self.head(point)
        reach, weight = point.reach, point.weight
        low, high = weight * (point.good - 1.0) - held, weight * point.good - held
        change = max(low, min(high, 0.0))
        for _ in range(ROUNDS):
            p = shifted(0.5, score + change * reach)
            wrong = held + change - weight * (point.good - p)
            if wrong > 0.0:
                high = change
            else:
                low = change
            newton = change - wrong / (1.0 + weight * reach * p * (1.0 - p))
            was, change = change, newton if low < newton < high else (low + high) / 2.0
            if abs(change - was) < NEAR:
                break
        self._move(point, change)
        return held + change

    def head(self, point: "Point") -> float:
        """Return what the traits of a lesson add to its target's log-odds."""
        total = sum(map(self.grams.__getitem__, point.ids))
        dense = sum([row * x for row, x in zip(self.counts, point.dense, strict=False)])
        words, counts = _field(total, 0), _field(dense, 0)
        if point.place:
            words += _field(total, point.place)
            counts += _field(dense, point.place)
        return (words * point.scale + counts / UNIT) / ONE

    def _move(self, point: "Point", change: float) -> None:
        ridge, shift = self.ridge, FIELD * point.place
        own = 1 if point.place else 0
        size = change * point.scale * ONE
        step = round(size / ridge.words) + own * (round(size / ridge.own_words) << shift)
        grams, counts = self.grams, self.counts
        for each in point.ids:
            grams[each] += step
        size = change * ONE / UNIT
        for place, x in enumerate(point.dense[: len(counts)]):
            step = own * (round(size * x / ridge.own_counts) << shift)
            counts[place] += round(size * x / ridge.counts) + step

    def weaken(self, share: float) -> None:
        """Leave of all weights only a share."""
        for rows in (self.grams, self.counts):
            for place, row in enumerate(rows):
                if row:
                    weights = untied(row, self.places)
                    rows[place] = tied([round(each * share) for each in weights])

    def put_together(self, version: str, labels: float, band: Band | None = None) -> SuccessModel:
        """Return the model that came of it."""
        return SuccessModel(
            version=version,
            labels=labels,
            sides=self.sides,
            table=self.table,
            grams=tuple(self.grams),
            counts=tuple(self.counts),
            places=self.places,
            band=band or self._was.band,
        )

    def _cell(self, key: str) -> Cell:
        """Return a group that may be changed: the model that it came from keeps its own."""
        if key not in self._fresh:
            self._fresh.add(key)
            self.table[key] = dict(self.table.get(key, {}))
        return self.table[key]


class Point:
    """One lesson, made ready to be visited often."""

    __slots__ = ("dense", "good", "ids", "place", "reach", "scale", "weight")

    def __init__(
        self, traits: Traits, label: tuple[float, float], place: int, ridge: Ridge
    ) -> None:
        """Take a call's traits, what was good of it with its weight, and the target's place."""
        self.ids = ids_of(traits.grams)
        self.dense = traits.dense
        self.good, self.weight = label
        self.place = place
        self.scale = 1.0 / sqrt(len(self.ids)) if self.ids else 0.0
        size = sum([x * x for x in traits.dense]) / UNIT**2
        own = 1.0 if place else 0.0
        self.reach = size * (1.0 / ridge.counts + own / ridge.own_counts)
        if self.ids:
            self.reach += 1.0 / ridge.words + own / ridge.own_words


def _field(row: int, place: int) -> int:
    """Return one weight of a row: of those below it only the sign of the last can have borrowed."""
    shift = FIELD * place
    value = ((row >> shift) & MASK) + (((row >> (shift - 1)) & 1) if shift else 0)
    value &= MASK
    return value - (1 << FIELD) if value >> (FIELD - 1) else value


MASK = (1 << FIELD) - 1
