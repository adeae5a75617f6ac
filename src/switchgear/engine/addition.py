"""What is said in a call beside its caller's words: it costs tokens as those do."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from switchgear.domain.ask import Counts, Shape
from switchgear.domain.edit import Append, Edit
from switchgear.domain.turn import Text, Turn
from switchgear.engine.census import census

COUNTED = tuple(name for name in Counts.__struct_fields__ if name != "known")
MOST_KEPT = 64
"""Additions whose counts are kept: the same is said in one call after the other."""


def widened(shape: Shape, edits: Sequence[Edit]) -> Shape:
    """Return the shape of a call with what is said at its end.

    What its last user turn is like stays as it is: nothing that we say makes it a harder one.
    """
    for edit in edits:
        if type(edit) is Append:
            chars, counts = _measured(edit.turns)
            shape = msgspec.structs.replace(
                shape,
                chars=shape.chars + chars,
                turns=shape.turns + len(edit.turns),
                counts=_sum(shape.counts, counts),
            )
    return shape


@lru_cache(maxsize=MOST_KEPT)
def _measured(turns: tuple[Turn, ...]) -> tuple[int, Counts]:
    texts = [part.text for turn in turns for part in turn.parts if isinstance(part, Text)]
    chars = sum([len(each) for each in texts])
    return chars, census(texts, chars, 0)


def _sum(one: Counts, other: Counts) -> Counts:
    figures = {name: getattr(one, name) + getattr(other, name) for name in COUNTED}
    return Counts(**figures, known=one.known)
