"""Tell which task a call belongs to, by what it says, or by what it was answered before."""

from collections import OrderedDict
from contextlib import suppress
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.caller import Key
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import LedgerDown, SwitchgearError
from switchgear.domain.task import SURE, Identity
from switchgear.domain.turn import Conversation, ToolResult
from switchgear.domain.units import UnixMs
from switchgear.engine.identity import (
    LOOSE_END,
    MOST_LETTERS,
    PREVIOUS,
    Word,
    distinct,
    said,
    traced,
    written,
)
from switchgear.engine.prefix import Rolling, ends
from switchgear.engine.task import NAMED, begun_id, looks_minted, may_use, task_id
from switchgear.pipeline.task.registry import Tasks

NOBODYS = Identity()
"""Of a call of which nothing tells."""

MOST_KNOWN = 50_000
"""Ends of answers, tool calls and answers' ids that are remembered, of each; about 10 MB."""
MOST_OPEN = 10_000
"""Calls under way whose answers are listened to."""
MOST_REFUSED = 1_000
MOST_LOOKED_UP = 32
"""Tool results of one call, the last first."""
AGAIN_MS = 600_000
"""How long a call that we refused is known when it comes again."""
DIGEST_BYTES = 16
MOST_WHOLE, END = 262_144, 131_072
"""Bytes of a body that is hashed whole, and of the ends that a longer one is known by."""

BY_TOOL, BY_PREFIX, AGAIN, NEW = "tool_call", "prefix", "again", "new"
BY_ANSWER_CONFIDENCE = 0.95
BY_TOOL_CONFIDENCE = 0.95
BY_PREFIX_CONFIDENCE = 0.9
AGAIN_CONFIDENCE = 0.6
NEW_CONFIDENCE = 0.4
"""Of a task that begins with this call: it may as well go on from one that nobody remembers."""
MOST_WEAK = 0.75
"""Of what goes on in a task that began with a weak word: others may have said that word too."""

Name = TypeVar("Name")


class Trace(msgspec.Struct, frozen=True, gc=False):
    """Whose something is that we handed out."""

    task: str
    most: float = 1.0
    """The most confidence that it can give."""


SHARED = Trace("")
"""It was handed out in several tasks, so it tells nothing."""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A call that we refused."""

    trace: Trace
    at: UnixMs


class Memory(Generic[Name]):
    """What was handed out, and in which task; the oldest is forgotten first."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        """Start with nothing known."""
        self._most = most
        self._traces: OrderedDict[Name, Trace] = OrderedDict()

    def find(self, name: Name) -> Trace | None:
        """Return whose it is; None where that is not known, or it was several tasks'."""
        trace = self._traces.get(name)
        if trace is None:
            return None
        self._traces.move_to_end(name)
        return trace if trace.task else None

    def keep(self, name: Name, trace: Trace) -> None:
        """Remember whose it is."""
        known = self._traces.get(name)
        if known is None:
            if len(self._traces) >= self._most:
                self._traces.popitem(last=False)
            self._traces[name] = trace
        elif known.task != trace.task:
            self._traces[name] = SHARED


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A call under way whose task was inferred, or may have to be the next time."""

    key: str
    trace: Trace
    began: bool
    """Nothing but this call tells of its task."""
    rolling: Rolling | None
    """Of the conversation until its answer; None where tool calls tell enough."""
    keeps: bool
    """Its caller may go on from the answer by its id."""


class Finder:
    """Finds the task of each call; it outlives a reload.

    Of a call that names its task in so many words nothing is remembered: its caller will do so
    again.
    """

    def __init__(self, tasks: Tasks, most: int = MOST_KNOWN) -> None:
        """Start with nothing known."""
        self._tasks = tasks
        self.prefixes: Memory[bytes] = Memory(most)
        self.tool_calls: Memory[bytes] = Memory(most)
        self.answers: Memory[bytes] = Memory(most)
        self._refused: OrderedDict[bytes, Refused] = OrderedDict()
        self._open: OrderedDict[str, Sighting] = OrderedDict()

    def identify(self, call: Call) -> Identity:
        """Return which task the call belongs to, and what told."""
        wishes = call.caller.wishes
        word = said(wishes)
        if word is not None:
            return self._named(word, call)
        talk = _read(call)
        if talk is None:
            word = traced(wishes)
            return NOBODYS if word is None else self._named(word, call)
        word = written(talk)
        if word is not None:
            return self._named(word, call)
        if talk.previous:
            return self._follow(talk, call)
        word = traced(wishes)
        if call.endpoint is Endpoint.EMBED:
            return NOBODYS if word is None else self._named(word, call)
        return self._infer(talk, word, call)

    async def fetch(self, call: Call) -> None:
        """Have the tasks in mind that a call names by our ids: whether it may is seen there."""
        wishes = call.caller.wishes
        for name in (wishes.task, wishes.parent_task):
            if looks_minted(name):
                with suppress(LedgerDown):  # then it is a name like any other
                    await self._tasks.find(name)

    def seen(self, call: str) -> Sighting | None:
        """Return what is to be learnt from the answer to a call; None where nothing is."""
        return self._open.pop(call, None)

    def refused(self, sighting: Sighting, call: Call) -> None:
        """Remember that we refused a call, to know it when it comes again just so."""
        if not sighting.began:
            return
        if len(self._refused) >= MOST_REFUSED:
            self._refused.popitem(last=False)
        self._refused[_body(call)] = Refused(sighting.trace, call.at)

    def _named(self, word: Word, call: Call) -> Identity:
        """Return the task of that name, in the name space of the call's key.

        A weak word is in one of its own: it does not lead into a task that others name well.
        """
        key, wishes = call.caller.key, call.caller.wishes
        task = self._id(key, word.name, NAMED if word.confidence >= SURE else word.source)
        parent = wishes.parent_task or word.parent
        parent_id = self._id(key, parent) if parent else ""
        return Identity(
            task=task,
            name=word.name,
            source=word.source,
            confidence=word.confidence,
            parent=parent_id if parent_id != task else "",
            agent=wishes.agent or word.agent,
            parent_agent=word.parent_agent,
        )

    def _id(self, key: Key, name: str, kind: str = NAMED) -> str:
        """Return a task's id; a name that is one already stands for itself, where it may."""
        if looks_minted(name):
            live = self._tasks.known(name)
            if live is not None and may_use(key, live.task):
                return name
        return task_id(key.id, name, kind)

    def _follow(self, talk: Conversation, call: Call) -> Identity:
        """Return the task of the earlier answer that a call goes on from."""
        key = call.caller.key.id
        trace = self.answers.find(digest(key, talk.previous.encode()))
        if trace is None:
            word = Word(name=talk.previous[:MOST_LETTERS], source=PREVIOUS, confidence=LOOSE_END)
            identity = self._named(word, call)
            trace = Trace(identity.task, MOST_WEAK)
        else:
            identity = _found(trace, PREVIOUS, BY_ANSWER_CONFIDENCE, call)
        return self._watched(
            call,
            identity,
            Sighting(key=key, trace=trace, began=False, rolling=None, keeps=talk.keep),
        )

    def _infer(self, talk: Conversation, word: Word | None, call: Call) -> Identity:
        """Return the task whose answers are in the conversation; else a weak word's, or a new one.

        What we handed out is proof that an earlier call led to this one. A first turn alone is
        none: strangers begin alike.
        """
        key = call.caller.key.id
        trace, rolling = self._handed(key, talk), None
        source, confidence = BY_TOOL, BY_TOOL_CONFIDENCE
        if trace is None:
            found, rolling = ends(key, talk.turns)
            trace = next(filter(None, map(self.prefixes.find, reversed(found))), None)
            source, confidence = BY_PREFIX, BY_PREFIX_CONFIDENCE
        if trace is None and self._refused:
            trace = self._again(call)
            source, confidence = AGAIN, AGAIN_CONFIDENCE
        if trace is not None:
            identity = _found(trace, source, confidence, call)
        else:
            identity = self._begun(word, call)
            trace = Trace(identity.task, 1.0 if word is None else MOST_WEAK)
        began = identity.source in {AGAIN, NEW}
        return self._watched(
            call,
            identity,
            Sighting(key=key, trace=trace, began=began, rolling=rolling, keeps=talk.keep),
        )

    def _begun(self, word: Word | None, call: Call) -> Identity:
        if word is not None:
            return self._named(word, call)
        if call.endpoint is not Endpoint.ANSWER:
            return NOBODYS
        key, wishes = call.caller.key, call.caller.wishes
        return Identity(
            task=begun_id(call.id),
            source=NEW,
            confidence=NEW_CONFIDENCE,
            parent=self._id(key, wishes.parent_task) if wishes.parent_task else "",
            agent=wishes.agent,
        )

    def _handed(self, key: str, talk: Conversation) -> Trace | None:
        """Return the task of the last tool call that we know to be ours, by its result."""
        left = MOST_LOOKED_UP
        for turn in reversed(talk.turns):
            for part in reversed(turn.parts):
                if type(part) is not ToolResult:
                    continue
                trace = (
                    self.tool_calls.find(digest(key, part.id.encode()))
                    if distinct(part.id)
                    else None
                )
                left -= 1
                if trace is not None or not left:
                    return trace
        return None

    def _again(self, call: Call) -> Trace | None:
        refused = self._refused.get(_body(call))
        if refused is None or call.at - refused.at > AGAIN_MS:
            return None
        return refused.trace

    def _watched(self, call: Call, identity: Identity, sighting: Sighting) -> Identity:
        if identity.task and call.endpoint is Endpoint.ANSWER:
            if len(self._open) >= MOST_OPEN:
                self._open.popitem(last=False)
            self._open[call.id] = sighting
        return identity


def digest(key: str, what: bytes) -> bytes:
    """Return what stands for something of a key's; two keys never have the same."""
    return blake2b(b"%d:%b%b" % (len(key), key.encode(), what), digest_size=DIGEST_BYTES).digest()


def _body(call: Call) -> bytes:
    """Return what stands for a call's body as it came; of a long one, its length and both ends."""
    raw = call.body.raw
    if len(raw) > MOST_WHOLE:
        raw = b"%d:%b%b" % (len(raw), raw[:END], raw[-END:])
    return digest(call.caller.key.id, raw)


def _found(trace: Trace, source: str, confidence: float, call: Call) -> Identity:
    return Identity(
        task=trace.task,
        source=source,
        confidence=min(confidence, trace.most),
        agent=call.caller.wishes.agent,
    )


def _read(call: Call) -> Conversation | None:
    """Return what a call says; None where it cannot be read, or nobody reads it."""
    if call.endpoint.passed:
        return None
    try:
        return call.body.conversation
    except SwitchgearError:
        return None  # what is wrong with it is told where it is needed
