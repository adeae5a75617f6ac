"""The success model: a frozen value that says how likely each target's answer is to do."""

from collections.abc import Sequence
from math import copysign, exp, sqrt
from struct import unpack

import msgspec

from switchgear.domain.odds import Chance
from switchgear.engine.success.bound import bar_of
from switchgear.engine.success.codec import read, written
from switchgear.engine.success.isotonic import Curve
from switchgear.engine.success.sheaf import BUCKETS, ONE, tied, untied
from switchgear.engine.success.shift import Watch
from switchgear.engine.success.table import Cell, chain_of, mean_of
from switchgear.engine.success.trait import COUNTS, UNIT, Traits

IDENTITY = Curve()
UNWATCHED = Watch()
OVER = 10_000
"""Chances are kept to so many parts."""


FORMAT = "switchgear-success-1"
MOST_PLACES = 25
"""Weights of one row: what is shared, and 24 targets. More have their tables only."""
MOST_CELLS = 2_000
"""Groups that are written, those with the most labels."""
MOST_BYTES = 1_024
"""Of hashes; more are not ours."""
FOLD = int.from_bytes((BUCKETS - 1).to_bytes(2, "little") * (MOST_BYTES // 2), "little")
"""Folds each hash to a row."""
FAR = 30.0
"""Log-odds beyond which it makes no difference."""
SLACK = 0.01
"""Variance of one label where all agree: a mean of few that all did well is not certain."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """When too little is known to choose by."""

    labels: float = 30.0
    """A chance that rests on fewer is not sure, what a group leans on included."""
    spread: float = 0.1
    """Nor is one with more than this standard deviation."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one target, besides its tallies and weights."""

    place: int
    """Of its weights in each row, from 1; 0 where it has none of its own."""
    labels: float = 0.0
    """Sum of the weights of its lessons since it last changed."""
    shift: float = 0.0
    """Added to all its log-odds, so that what is foreseen comes on the whole."""
    curve: Curve = IDENTITY
    watch: Watch = UNWATCHED
    sample: tuple[int, ...] = ()
    """Held-out chances in 10,000ths, doubled, and one more where it failed: what promises rest
    on."""


class SuccessModel(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt so far. Two that were learnt from the same are equal, with one version."""

    version: str = ""
    """Digest of what it was learnt from; empty for one that has learnt nothing."""
    labels: float = 0.0
    """Sum of the weights of its lessons."""
    sides: dict[str, Side] = {}
    table: dict[str, Cell] = {}
    """By group."""
    grams: tuple[int, ...] = (0,) * BUCKETS
    """Rows of weights, bound: one for each hash."""
    counts: tuple[int, ...] = (0,) * COUNTS
    """And one for each count."""
    places: int = 1
    """Weights in each row."""
    band: Band = Band()


UNTAUGHT = SuccessModel()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A model as it is written."""

    format: str
    version: str
    labels: float
    places: int
    band: Band
    sides: dict[str, Side]
    table: dict[str, Cell]
    counts: list[list[int]]
    grams: str


class Ground(msgspec.Struct, frozen=True, gc=False):
    """What a target's chance on a call rests on, whatever the call says: equal for its group."""

    target: str
    place: int
    """Of its own weights; 0 where it has none."""
    shift: float
    odds: float
    """Of doing well: the mean of the group over what it lacks to 1."""
    part: float
    """By which the variance of one label is divided."""
    enough: bool
    """It rests on labels enough to be sure."""
    curve: Curve


def grounds_of(
    model: SuccessModel, cells: tuple[str, ...], targets: Sequence[str]
) -> tuple[Ground, ...]:
    """Return what the chances of a group's calls rest on, for those of whom something is known."""
    groups = chain_of(model.table, cells)
    found = []
    for target in targets:
        side = model.sides.get(target)
        if side is not None:
            mean, labels = mean_of(groups, target)
            odds, part = mean / (1.0 - mean), 1.0 / (labels + 2.0)
            enough = labels >= model.band.labels
            found.append(Ground(target, side.place, side.shift, odds, part, enough, side.curve))
    return tuple(found)


def predict(
    model: SuccessModel,
    traits: Traits,
    targets: Sequence[str],
    grounds: tuple[Ground, ...] | None = None,
) -> tuple[Chance, ...]:
    """Return the chances of those targets of which something is known, in the order given.

    Shapes: ``grounds`` are those of the model for the call's group and these targets, where they
    are at hand.
    """
    if not model.sides:
        return ()
    if grounds is None:
        grounds = grounds_of(model, traits.cells, targets)
    heads = scores(model.grams, model.counts, traits, model.places)
    shared, most = heads[0], model.band.spread
    heads[0] = 0.0  # who has no weights of its own gets what is shared alone
    chances = []
    for it in grounds:
        score = it.shift + shared + heads[it.place]
        good = it.odds * exp(score if -FAR < score < FAR else copysign(FAR, score))
        p = it.curve.at(good / (good + 1.0))
        spread = sqrt((p * (1.0 - p) + SLACK) * it.part)
        chances.append(
            Chance(
                it.target,
                int(p * OVER + 0.5) / OVER,
                int(spread * OVER + 0.5) / OVER,
                it.enough and spread <= most,
            )
        )
    return tuple(chances)


def scores(grams: Sequence[int], counts: Sequence[int], traits: Traits, places: int) -> list[float]:
    """Return what the traits of a call add to the log-odds of each place."""
    found = untied(sum([row * x for row, x in zip(counts, traits.dense, strict=False)]), places)
    plain = 1.0 / (ONE * UNIT)
    ids = ids_of(traits.grams)
    if not ids:
        return [each * plain for each in found]
    scale = 1.0 / (ONE * sqrt(len(ids)))
    told = untied(sum(map(grams.__getitem__, ids)), places)
    return [each * plain + other * scale for each, other in zip(found, told, strict=True)]


def ids_of(grams: bytes) -> Sequence[int]:
    """Return the rows that hashes stand for; what cannot be read stands for none."""
    size = len(grams)
    if size % 2 or size > MOST_BYTES:
        return ()
    folded = int.from_bytes(grams, "little") & FOLD
    return unpack(f"<{size // 2}H", folded.to_bytes(size, "little"))


def shifted(mean: float, score: float) -> float:
    """Return the probability that is by so many log-odds more than another."""
    good = mean * exp(max(-FAR, min(FAR, score)))
    return good / (good + 1.0 - mean)


def known(model: SuccessModel) -> tuple[tuple[str, float], ...]:
    """Return the targets of which something is known, each with its labels since it changed."""
    return tuple(sorted((name, side.labels) for name, side in model.sides.items()))


def promised(model: SuccessModel, target: str, alpha: float, delta: float) -> float:
    """Return the least chance of a target that keeps a promise; above 1 where none is known to."""
    side = model.sides.get(target)
    sample = side.sample if side else ()
    return bar_of([(each // 2 / OVER, each % 2 == 1) for each in sample], alpha, delta)


def encode_model(model: SuccessModel) -> bytes:
    """Return a model as JSON, below the bound of a paper's body."""
    busiest = sorted(model.table, key=lambda key: (-_seen(model.table[key]), key))[:MOST_CELLS]
    document = Document(
        format=FORMAT,
        version=model.version,
        labels=model.labels,
        places=model.places,
        band=model.band,
        sides=model.sides,
        table={key: model.table[key] for key in sorted(busiest)},
        counts=[untied(row, model.places) for row in model.counts],
        grams=written(model.grams, model.places),
    )
    return msgspec.json.encode(document)


def decode_model(body: bytes) -> SuccessModel:
    """Return the model that was encoded.

    Raises:
        ValueError: it is no model, or one of another format; the message says which.
    """
    try:
        document = msgspec.json.decode(body, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise ValueError(f"This is no success model: {wrong}.") from wrong
    if document.format != FORMAT:
        said = document.format[:40]
        raise ValueError(f"A success model of format {said!r}; this release reads {FORMAT!r}.")
    places = document.places
    sound = 1 <= places <= MOST_PLACES and len(document.counts) == COUNTS
    sound = sound and all(len(row) == places for row in document.counts)
    if not sound or any(not 0 <= side.place < places for side in document.sides.values()):
        raise ValueError("This success model is damaged: its weights have no place.")
    return SuccessModel(
        version=document.version,
        labels=document.labels,
        sides=document.sides,
        table=document.table,
        grams=read(document.grams, places),
        counts=tuple(map(tied, document.counts)),
        places=places,
        band=document.band,
    )


def _seen(cell: Cell) -> float:
    return sum(tally[1] for tally in cell.values())
