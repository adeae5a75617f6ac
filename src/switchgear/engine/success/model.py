"""The success model: a frozen value that says how likely each target's answer is to do."""

from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt

import msgspec

from switchgear.domain.odds import Chance
from switchgear.engine.success.trait import Traits


class Tally(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one target did in one group of calls."""

    good: float = 0.0
    labels: float = 0.0


class SuccessModel(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt so far. Two that were learnt from the same are equal, with one version."""

    version: str = ""
    """Digest of all else; empty for one that has learnt nothing."""
    labels: float = 0.0
    """Sum of the weights of its lessons."""
    tallies: dict[str, Tally] = {}
    """By target."""


UNTAUGHT = SuccessModel()


SURE_FROM = 30.0
"""Labels."""


def predict(model: SuccessModel, traits: Traits, targets: Sequence[str]) -> tuple[Chance, ...]:
    """Return the chances of those targets of which something is known, in the order given."""
    chances = []
    for target in targets:
        tally = model.tallies.get(target)
        if tally is not None and traits.cells:
            mean = (tally.good + 1.0) / (tally.labels + 2.0)
            spread = sqrt(mean * (1.0 - mean) / (tally.labels + 3.0))
            chances.append(
                Chance(target, round(mean, 4), round(spread, 4), tally.labels >= SURE_FROM)
            )
    return tuple(chances)


def known(model: SuccessModel) -> tuple[tuple[str, float], ...]:
    """Return the targets of which something is known, each with its number of labels."""
    return tuple(sorted((name, tally.labels) for name, tally in model.tallies.items()))


def encode_model(model: SuccessModel) -> bytes:
    """Return a model as JSON, below the bound of a paper's body."""
    return msgspec.json.encode(model)


def decode_model(body: bytes) -> SuccessModel:
    """Return the model that was encoded.

    Raises:
        ValueError: it is no model, or one of another format; the message says which.
    """
    return msgspec.json.decode(body, type=SuccessModel)


def counted(
    model: SuccessModel, cell: str, target: str, good: float, weight: float
) -> SuccessModel:
    """Return the model with one more label."""
    tally = model.tallies.get(target, Tally())
    tallies = dict(model.tallies)
    tallies[target] = Tally(tally.good + good * weight, tally.labels + weight)
    body = msgspec.json.encode((cell, sorted(tallies.items())))
    version = blake2b(body, digest_size=8).hexdigest()
    return SuccessModel(version=version, labels=model.labels + weight, tallies=tallies)
