"""Who has lately given answers of no use, and on which route: there it rests for a while."""

from collections import OrderedDict

import msgspec

from switchgear.config.setup import Tolerance
from switchgear.domain.attempt import Role
from switchgear.domain.event import (
    Finished,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.ids import CHANCE_BITS, mint
from switchgear.domain.situation import Reading, Situation
from switchgear.domain.target import Kind, Target
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.engine.flaw import MOST_ARGUMENTS, MOST_TEXT, Flaw, Said, judge, judged
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock

MOST_PLACES = 10_000
"""Targets on routes that are remembered; the longest untroubled is forgotten first."""
TOOL_SIZE = 64
"""What a tool call counts at least, in characters: there is no end of empty ones otherwise."""

Place = tuple[str, str]
"""A target, and a route."""


class Flaws:
    """What the answers of each target on each route were worth; it outlives a reload."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        """Start with nobody at fault."""
        self.tolerance = Tolerance()
        """How much is borne; each version of the config says it anew."""
        self._clock = clock
        self._chance = chance
        self._counts: OrderedDict[Place, int] = OrderedDict()
        """Flawed answers in a row."""
        self._rests: dict[Place, Seconds] = {}
        """Who rests, and until when."""
        self._marked = Situation()
        self._marked_from: tuple[str, dict[str, tuple[str, ...]]] = ("", {})

    def ear(self, target: Target, role: Role, route: str, talk: Conversation) -> "Ear":
        """Return what listens to one attempt.

        Tools are what the owner wrote, and a rescuer's words are half an answer: nobody is judged
        by these.
        """
        heard = target.kind is not Kind.TOOL and role is not Role.RESCUE and route != ""
        return Ear(self, (target.id, route), talk if heard else None)

    def learn(self, place: Place, flaw: Flaw | None) -> None:
        """Count an answer that was of no use; one that is of use ends the row."""
        if flaw is None:
            self._counts.pop(place, None)
            return
        count = self._counts.get(place, 0) + 1
        self._counts[place] = count
        self._counts.move_to_end(place)
        if len(self._counts) > MOST_PLACES:
            self._counts.popitem(last=False)
        if count >= self.tolerance.after and len(self._rests) < MOST_PLACES:
            self._rests[place] = Seconds(self._clock.now() + self.tolerance.rest)
            del self._counts[place]

    def marked(self, situation: Situation) -> Situation:
        """Return the situation with the routes on which each target rests."""
        if not self._rests:
            return situation
        poor = self._poor()
        if not poor:
            return situation
        if (situation.id, poor) != self._marked_from:
            self._marked_from = situation.id, poor
            readings = dict(situation.readings)
            for target, routes in poor.items():
                plain = readings.get(target, Reading())
                readings[target] = msgspec.structs.replace(plain, poor=routes)
            name = mint(self._clock.date(), self._chance.bits(CHANCE_BITS))
            self._marked = Situation(id=name, readings=readings)
        return self._marked

    def _poor(self) -> dict[str, tuple[str, ...]]:
        now = self._clock.now()
        self._rests = {place: until for place, until in self._rests.items() if until > now}
        found: dict[str, tuple[str, ...]] = {}
        for target, route in sorted(self._rests):
            found[target] = (*found.get(target, ()), route)
        return found


class Ear:
    """Hears of one answer what it takes to judge it, and no more."""

    __slots__ = (
        "_arguments",
        "_flaws",
        "_length",
        "_names",
        "_place",
        "_refused",
        "_size",
        "_spoke",
        "_talk",
        "_texts",
        "listens",
    )

    def __init__(self, flaws: Flaws, place: Place, talk: Conversation | None) -> None:
        """Know what was asked; without a conversation, hear nothing."""
        self.listens = talk is not None
        """Words are still of interest: the first, or all where JSON was asked for."""
        self._flaws = flaws
        self._place = place
        self._talk = talk
        self._spoke = False
        self._refused = False
        self._texts: list[str] = []
        self._names: dict[int, str] = {}
        self._arguments: dict[int, list[str]] = {}
        self._length = 0
        """Of the words, in characters."""
        self._size = 0
        """Of the tool calls."""

    def hear_words(self, event: TextDelta | ThinkingDelta | RefusalDelta) -> None:
        """Take note of words; only to be called while it listens."""
        if isinstance(event, RefusalDelta):
            self._refused = True
        if not isinstance(event, TextDelta):
            return
        self._spoke = self._spoke or event.text.strip() != ""
        if self._talk is None or self._talk.format is None:
            self.listens = not self._spoke
            return
        self._length += max(1, len(event.text))
        self.listens = self._length <= MOST_TEXT
        self._texts.append(event.text)

    def hear_tool(self, event: ToolStarted | ToolDelta) -> None:
        """Take note of a tool call."""
        if self._talk is None or self._size > MOST_ARGUMENTS:
            return
        if isinstance(event, ToolStarted):
            self._names[event.index] = event.name
            self._arguments[event.index] = []
            self._size += max(TOOL_SIZE, len(event.name))
        else:
            self._arguments.setdefault(event.index, []).append(event.json)
            self._size += max(1, len(event.json))

    def verdict(self, end: Finished | None) -> str:
        """Judge the answer, learn from it, and return what is wrong; empty when nothing is."""
        if end is None or self._talk is None:
            return ""
        arguments = self._arguments
        said = Said(
            stop=end.stop,
            spoke=self._spoke,
            refused=self._refused,
            text="".join(self._texts),
            calls=tuple((name, "".join(arguments[at])) for at, name in self._names.items()),
            cut=self._length > MOST_TEXT or self._size > MOST_ARGUMENTS,
        )
        if not judged(said):
            return ""
        flaw = judge(self._talk, said)
        self._flaws.learn(self._place, flaw)
        return "" if flaw is None else flaw.value
