"""Lets the detector watch runs and loops as a task's layer would: call by call."""

from collections.abc import Iterator, Sequence
from random import Random

import msgspec
from evaluation.agent import Run, Team, talk_of
from evaluation.splice import KINDS, Hand

from switchgear.domain.turn import Role, Text, ToolResult, Turn
from switchgear.engine.loop.detect import detect
from switchgear.engine.loop.read import moves_of
from switchgear.engine.loop.ring import EMPTY, Ring
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.tolerance import Tolerance

TOLERANCE = Tolerance()
LATE = 8
"""Events after which a loop that is due must have been acted on."""
CLIENTS = ("whole", "window", "compact")
"""What clients do with a list that gets long."""
WINDOW = 20


class Watch:
    """One task that is watched."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.ring: Ring = EMPTY
        self._seen: set[str] = set()

    def look(self, turns: Sequence[Turn], agent: str = "") -> list[Signal]:
        """Return the signals of a call that were not there before."""
        self.ring = self.ring.add(moves_of(talk_of(turns), self.ring, agent))
        fresh = [each for each in detect(self.ring, TOLERANCE) if each.occurrence not in self._seen]
        self._seen.update([each.occurrence for each in fresh])
        return fresh


class Fired(msgspec.Struct, frozen=True):
    """A signal, and the step at which it came."""

    code: str
    act: bool
    step: int
    evidence: str


class Draw(msgspec.Struct, frozen=True):
    """What became of one loop."""

    kind: str
    due: int
    """Events after which the table of signals has it."""
    seen: int | None
    """Events after which the signal was there; None for never."""
    acted: int | None
    """Events after which any signal asked for action."""
    codes: tuple[str, ...]


def watched(run: Run) -> list[Fired]:
    """Return what fired over a run, as its calls grew."""
    watch = Watch()
    return [
        Fired(each.code, each.act, cut, each.evidence)
        for cut in run.cuts()
        for each in watch.look(run.turns[:cut])
    ]


def heard(team: Team) -> list[Fired]:
    """Return what fired over what several agents said, each called by its name for its turn."""
    watch = Watch()
    said: list[Turn] = []
    fired = []
    for step, saying in enumerate(team.sayings):
        if saying.turn.role is Role.ASSISTANT:
            fired += [
                Fired(each.code, each.act, step, each.evidence)
                for each in watch.look(said, saying.agent)
            ]
        said.append(saying.turn)
    return fired


def spliced(run: Run, kind: int, rng: Random) -> Draw:
    """Return what became of a loop that begins at a random turn of a run."""
    name, code, due, make = KINDS[kind]
    watch = Watch()
    cuts = run.cuts()
    at = rng.choice(cuts[:-1])
    for cut in cuts[: cuts.index(at) + 1]:
        watch.look(run.turns[:cut])
    turns = list(run.turns[:at])
    client = rng.choice(CLIENTS)
    seen = acted = None
    codes: set[str] = set()
    for number, event in enumerate(make(Hand(run.turns, rng)), 1):
        turns = [*_kept(turns, client, rng), *event]
        for each in watch.look(turns):
            codes.add(each.code)
            seen = number if each.code == code and seen is None else seen
            acted = number if each.act and acted is None else acted
        if number >= due + LATE or (acted and seen):
            break
    return Draw(name, due, seen, acted, tuple(sorted(codes)))


def draws(runs: Sequence[Run], kind: int, times: int) -> Iterator[Draw]:
    """Yield what became of loops of one kind in every run, ``times`` in each."""
    for run in runs:
        for number in range(times):
            yield spliced(run, kind, Random(f"{run.number} {kind} {number}"))


def _kept(turns: list[Turn], client: str, rng: Random) -> list[Turn]:
    """Return what a client keeps of its list: all, a window, or a summary and the last turns."""
    if client == "whole" or len(turns) <= WINDOW:
        return turns
    if client == "compact" and rng.random() > 0.3:
        return turns
    start = len(turns) - (WINDOW if client == "window" else 4)
    while turns[start].role is not Role.ASSISTANT:
        start -= 1
    head = turns[:2] if client == "window" else [turns[0], _summary(turns)]
    return head + turns[start:]


def _summary(turns: Sequence[Turn]) -> Turn:
    results = [part for turn in turns for part in turn.parts if isinstance(part, ToolResult)]
    words = f"Here is what happened so far. {len(results)} tools were asked. " * 20
    return Turn(Role.USER, (Text(words),))
