"""The part of the config file that says what is learnt from outcomes."""

from switchgear.config.part import Entry
from switchgear.domain.learning import Learning, Use


class LearningEntry(Entry, frozen=True, kw_only=True):
    """What is learnt from what became of calls."""

    use: Use = Use.ON
    """``on``: it chooses, where enough is known; ``watch``: it is only written down; ``off``:
    nothing is kept to learn from. Default: ``on``; it changes nothing before there are outcomes."""
    grams: bool = True
    """Keep hashes of the words of the last user turn with each call, two bytes for each word and
    pair of words, so that kinds of questions can be told apart. Default: true."""


def learning_of(entry: LearningEntry) -> Learning:
    """Return how it is learnt."""
    return Learning(use=entry.use, grams=entry.grams)
