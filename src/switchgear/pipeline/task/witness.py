"""Hears what is done in each task as its calls pass, and how hard hand-offs are on who goes on."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.event import TextDelta
from switchgear.domain.handoff import MOST_SAID, Handoff
from switchgear.domain.piece import Piece
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.friction import Watched, began, reread, stepped
from switchgear.engine.history import NOTHING_DONE, hear, shortened, told
from switchgear.pipeline.task.live import Live
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Read, Reply

MOST_HEARD = 10_000
"""Tasks of which it is kept what was done,"""
MOST_LETTERS = 32_000_000
"""and letters of that over all of them; what was heard of longest ago goes first."""
MOST_EDGES = 32
"""Pairs of agents of one task that are watched without anybody saying that it is handed over."""
MOST_ENDED = 1000
"""Watches that wait to be kept."""
IDLE = Seconds(60.0)
"""After so long without a call, a receiver is not watched any more."""


class Heard:
    """What this process knows of what was done in one task."""

    __slots__ = (
        "agent",
        "edges",
        "history",
        "looked",
        "moved",
        "package",
        "sensitivity",
        "size",
        "watched",
    )

    def __init__(self) -> None:
        """Know nothing yet."""
        self.history = NOTHING_DONE
        self.size = 0
        self.agent = ""
        """Who called last, as far as that is known."""
        self.moved = False
        """The call under way is another agent's than the one before."""
        self.watched: Watched | None = None
        self.package: Handoff | None = None
        """What each call of its receiver is given."""
        self.edges: set[tuple[str, str]] = set()
        self.sensitivity = Sensitivity.PUBLIC
        """Of the most delicate call that was heard."""
        self.looked = Seconds(float("-inf"))
        """When it was last looked whether others know of a hand-off."""


class Ended(msgspec.Struct, frozen=True):
    """A watch whose figures are to be kept."""

    task: Task
    watched: Watched


class Witness:
    """Bounded over all tasks; it outlives a reload."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing heard."""
        self.ended: list[Ended] = []
        self.told: dict[str, Live] = {}
        """Tasks with a hand-off that is watched and has figures to be kept."""
        self._clock = clock
        self._heard: OrderedDict[str, Heard] = OrderedDict()
        self._size = 0

    def known(self, task: str) -> Heard | None:
        """Return what is known of a task."""
        return self._heard.get(task)

    def hear(self, live: Live, call: Call) -> Heard:
        """Take note of a call, before it goes on."""
        name, agent = live.task.id, call.mandate.identity.agent
        heard = self._of(name)
        before = heard.agent or live.task.agent
        heard.moved = bool(agent and before and agent != before)
        history = heard.history
        if heard.moved:  # the other's list is another list
            history = msgspec.structs.replace(history, turns=0)
        whose = before if heard.moved else agent
        heard.history, fresh = hear(history, call.body.conversation.turns, whose)
        heard.sensitivity = max(heard.sensitivity, call.caller.key.sensitivity)
        self._weigh(heard)
        if heard.moved:
            self.begin(live, before, agent)
        elif heard.watched is not None and agent in {heard.watched.receiver, ""}:
            heard.watched = stepped(heard.watched, fresh, self._clock.now())
            self._note(live, heard.watched)
        heard.agent = agent or heard.agent
        return heard

    def begin(self, live: Live, sender: str, receiver: str, handoff: str = "") -> None:
        """Watch an agent that goes on with a task, from this call of its."""
        heard = self._of(live.task.id)
        there = heard.watched
        same = there is not None and (there.sender, there.receiver) == (sender, receiver)
        if there is not None and same and there.friction.calls == 1 and not there.handoff:
            heard.watched = msgspec.structs.replace(there, handoff=handoff)
            return
        self.end(live)
        if not handoff and (sender, receiver) not in heard.edges:
            if len(heard.edges) >= MOST_EDGES:
                return
            heard.edges.add((sender, receiver))
        now = self._clock.now()
        heard.watched = began(sender, receiver, heard.history.deeds, now, handoff)

    def end(self, live: Live) -> None:
        """Watch no more who goes on with a task; what was seen is to be kept."""
        heard = self._of(live.task.id)
        if heard.watched is not None and len(self.ended) < MOST_ENDED:
            self.ended.append(Ended(live.task, heard.watched))
        heard.watched = None

    def listen(self, live: Live, reply: Reply, done: Callable[[bool], None] | None = None) -> None:
        """Hear an answer; ``done`` is told at its close whether it came to its end."""
        ear = _Ear(self, live, done)
        reply.wrap(ear.wrap)
        if done is not None:
            reply.at_close(ear.close)

    def said(self, live: Live, words: str, tokens: Tokens) -> None:
        """Take note of an answer that has come to its end."""
        heard = self._of(live.task.id)
        if words:
            heard.history = told(heard.history, shortened(words, MOST_SAID))
            self._weigh(heard)
        if heard.watched is not None and tokens:
            heard.watched = reread(heard.watched, tokens)
            self._note(live, heard.watched)

    def rest(self) -> None:
        """Watch no more those of whom nothing was heard for a while; nor, once full, the oldest."""
        now = self._clock.now()
        for name, live in list(self.told.items()):
            heard = self._heard.get(name)
            if heard is None or heard.watched is None:
                del self.told[name]
            elif now - heard.watched.last > IDLE:
                del self.told[name]
                self.end(live)

    def end_all(self) -> None:
        """Watch nobody any more."""
        for live in self.told.values():
            self.end(live)
        self.told.clear()

    def _note(self, live: Live, watched: Watched) -> None:
        if watched.over:
            self.end(live)
        elif len(self.told) < MOST_HEARD:
            self.told[live.task.id] = live

    def _of(self, task: str) -> Heard:
        heard = self._heard.get(task)
        if heard is None:
            heard = self._heard[task] = Heard()
        else:
            self._heard.move_to_end(task)
        return heard

    def _weigh(self, heard: Heard) -> None:
        size = heard.history.size
        self._size += size - heard.size
        heard.size = size
        while len(self._heard) > MOST_HEARD or (self._size > MOST_LETTERS and len(self._heard) > 1):
            _, oldest = self._heard.popitem(last=False)
            self._size -= oldest.size


class _Ear:
    """Listens to one answer."""

    __slots__ = ("_done", "_live", "_read", "_said", "_size", "_whole", "_witness")

    def __init__(self, witness: Witness, live: Live, done: Callable[[bool], None] | None) -> None:
        self._witness = witness
        self._live = live
        self._done = done
        self._said: list[str] = []
        self._size = 0
        self._whole = False
        self._read: Read

    def wrap(self, read: Read) -> Read:
        self._read = read
        return self._heard

    def close(self) -> None:
        if self._done is not None:
            self._done(self._whole)

    async def _heard(self) -> Piece | None:
        piece = await self._read()
        if piece is None:
            return None
        if self._size < MOST_SAID:
            for event in piece.seen:
                if type(event) is TextDelta:
                    self._said.append(event.text)
                    self._size += len(event.text)
        finish = piece.finish
        if finish is not None:
            self._whole = True
            tokens = finish.usage.input if finish.usage else Tokens(0)
            self._witness.said(self._live, "".join(self._said).strip(), tokens)
        return piece
