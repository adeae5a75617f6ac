"""What public outcomes tell of words and counts: where a fit to few labels may begin."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import msgspec

from switchgear.domain.target import Tier
from switchgear.engine.gram import grams_of
from switchgear.engine.success.model import (
    MOST_PLACES,
    UNTAUGHT,
    Side,
    SuccessModel,
    decode_model,
    encode_model,
)
from switchgear.engine.success.sheaf import ONE, tied, untied

FORMAT = "switchgear-prior-1"
SHARE = 0.5
"""What another's weights count for: whole ones helped elsewhere no more, and did more harm."""
FIRST = 1
MOST_OWN = 8
"""Targets that get weights of their own: with those of 24 a version would be too large to keep."""
LARGEST = 64 * ONE
"""No weight of a count is further from nought."""
PROBE = "How many 3-letter words are in x*y + 1,024 lines of café code? Say WHY."


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Outcomes that it was fitted to."""

    name: str
    licence: str


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """Weights by tier, and where they came from."""

    rule: str
    """Which models stand for which tier."""
    sources: tuple[Source, ...]
    lessons: int
    """How many it was fitted to."""
    probe: str = ""
    """Digest of the hashes that PROBE had then: where words are hashed in another way now, the
    weights are those of other words."""
    model: SuccessModel
    """Its targets are tiers, by their names in lower case; it knows of no group. Its version is the
    digest of all its lessons."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A prior as it is written."""

    format: str
    rule: str
    sources: tuple[Source, ...]
    lessons: int
    probe: str
    model: msgspec.Raw


def probed() -> str:
    """Return the digest of the hashes that PROBE has now."""
    grams = grams_of(PROBE)
    pairs = sorted(grams[place : place + 2] for place in range(0, len(grams), 2))
    return blake2b(b"".join(pairs), digest_size=8).hexdigest()


def bared(model: SuccessModel) -> SuccessModel:
    """Return the weights of a model and no more: another's groups, curves and labels mean nothing.

    Its shifts go as well: they put right what the groups said, and a fit finds its own.
    """
    sides = {name: Side(place=side.place) for name, side in model.sides.items()}
    return msgspec.structs.replace(model, sides=sides, table={}, labels=0.0)


def seeded(prior: Prior, tiers: Mapping[str, Tier]) -> SuccessModel:
    """Return a model that has the weights of each target's tier, and not one label.

    So no chance of it is sure. A target of a tier that the prior does not know has what all share,
    and so has each where they are more than MOST_OWN.
    """
    names = sorted(tiers)[: MOST_PLACES - 1]
    sides = prior.model.sides if len(names) <= MOST_OWN else {}
    known = [sides.get(tiers[name].name.lower()) for name in names]
    places = [0 if side is None else side.place for side in known]
    wide = prior.model.places

    def turned(row: int) -> int:
        if not row:
            return 0
        weights = [round(each * SHARE) for each in untied(row, wide)]
        return tied([weights[0], *[weights[each] if each else 0 for each in places]])

    return SuccessModel(
        version=f"prior-{prior.model.version}",
        sides={name: Side(place=place) for place, name in enumerate(names, FIRST)},
        grams=tuple(map(turned, prior.model.grams)),
        counts=tuple(map(turned, prior.model.counts)),
        places=len(names) + 1,
        band=UNTAUGHT.band,
    )


def beginning(
    prior: Prior | None, tiers: Mapping[str, Tier], targets: Iterable[str]
) -> SuccessModel | None:
    """Return where a fit to labels of these targets begins; None for nothing.

    Targets without a label are left out: of what nobody judged nothing is to be said.
    """
    judged = set(targets) & set(tiers)
    if prior is None or not judged:
        return None
    return seeded(prior, {name: tiers[name] for name in judged})


def encode_prior(prior: Prior) -> bytes:
    """Return a prior as JSON."""
    document = Document(
        format=FORMAT,
        rule=prior.rule,
        sources=prior.sources,
        lessons=prior.lessons,
        probe=prior.probe,
        model=msgspec.Raw(encode_model(prior.model)),
    )
    return msgspec.json.encode(document)


def decode_prior(body: bytes) -> Prior:
    """Return the prior that was encoded.

    Raises:
        ValueError: it is none, or one of another format; the message says which.
    """
    try:
        document = msgspec.json.decode(body, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise ValueError(f"This is no prior: {wrong}.") from wrong
    if document.format != FORMAT:
        said = document.format[:40]
        raise ValueError(f"A prior of format {said!r}; this release reads {FORMAT!r}.")
    model = bared(decode_model(bytes(document.model)))
    if not _is_sound(model):
        raise ValueError("This prior is damaged: its weights are beyond all bounds.")
    return Prior(
        rule=document.rule,
        sources=document.sources,
        lessons=document.lessons,
        probe=document.probe,
        model=model,
    )


def _is_sound(model: SuccessModel) -> bool:
    """Whether no sum of its counts can overflow; words are bounded as they are written."""
    try:
        weights = [each for row in model.counts for each in untied(row, model.places)]
    except OverflowError:
        return False
    return all(abs(each) <= LARGEST for each in weights)
