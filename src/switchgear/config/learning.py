"""The part of the config file that says what is learnt from outcomes."""

from typing import Annotated

import msgspec

from switchgear.config.goal import GoalsEntry, goals_of
from switchgear.config.part import Entry, Share
from switchgear.config.spending import Usd
from switchgear.domain.learning import Exploring, Learning, Use
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds

Hours = Annotated[float, msgspec.Meta(ge=0, le=8_760)]
Days = Annotated[float, msgspec.Meta(gt=0, le=3_650)]
Labels = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Least = Annotated[int, msgspec.Meta(ge=20, le=10_000)]
Influence = Annotated[float, msgspec.Meta(ge=0.01, le=1)]
HOUR = 3_600.0
DAY = 86_400.0


class ExploreEntry(Entry, frozen=True, kw_only=True):
    """What may be tried only in order to learn of it."""

    share: Share = 0.05
    """The largest share of calls that may go to a target of which too little is known. Default:
    0.05."""
    daily_usd: Usd = 0.0
    """What that may make all calls of one UTC day dearer, over all workers and nodes together;
    spread over the day. 0 explores nothing. Default: 0."""


class LearningEntry(Entry, frozen=True, kw_only=True):
    """What is learnt from what became of calls."""

    use: Use = Use.ON
    """``on``: it chooses, where enough is known; ``watch``: it is only written down; ``off``:
    nothing is kept to learn from. Default: ``on``; it changes nothing before there are outcomes."""
    grams: bool = True
    """Keep hashes of the words of the last user turn with each call, two bytes for each word and
    pair of words, so that kinds of questions can be told apart. Default: true."""
    goals: GoalsEntry = GoalsEntry()
    """What is wanted of the three figures, and when their alerts are raised."""
    explore: ExploreEntry = ExploreEntry()
    """What may be tried only in order to learn of it. Default: nothing."""
    refit_h: Hours = 24.0
    """Hours after which all is learnt anew, if outcomes came meanwhile; 0: not by time.
    Default: 24."""
    refit_labels: Labels = 200
    """New labels after which all is learnt anew; 0: not by their number. Default: 200."""
    min_labels: Least = 50
    """Labels from which the first version is made. Default: 50."""
    half_life_days: Days = 30.0
    """Days after which an outcome counts half. Default: 30."""
    most_influence: Influence = 0.25
    """The largest share of what is known of a group of calls that any one of many keys may have
    said, so that nobody can talk routing into something; 1 for any. Default: 0.25."""
    prior: bool = True
    """While labels are few, try to begin from what ships with the program, fitted to public
    outcomes; it is used where it does better on the newest calls. Default: true."""


def learning_of(entry: LearningEntry) -> Learning:
    """Return how it is learnt."""
    explore = entry.explore
    return Learning(
        use=entry.use,
        grams=entry.grams,
        goals=goals_of(entry.goals),
        explore=Exploring(
            share=explore.share, daily=NanoUsd(round(explore.daily_usd * NANO_PER_USD))
        ),
        refit_every=Seconds(entry.refit_h * HOUR),
        refit_labels=entry.refit_labels,
        min_labels=entry.min_labels,
        half_life=Seconds(entry.half_life_days * DAY),
        most_influence=entry.most_influence,
        prior=entry.prior,
    )
