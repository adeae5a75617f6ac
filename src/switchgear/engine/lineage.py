"""Which values a call was given, who wrote them from what, and so back to where each came from."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from switchgear.domain.context import Deed, Item, Line, Sort, Source
from switchgear.domain.entry import Entry
from switchgear.domain.target import Sensitivity
from switchgear.engine.merge import MERGING

MOST_DEPTH = 16
"""Values on the way back from a call, one behind the other."""
MOST_VALUES = 200
"""In one answer, after which none is followed further back."""


class Before(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an entry was before it got a value."""

    revision: int
    value: object = None


class Value(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One value of an entry, and where it came from."""

    task: str
    key: str
    revision: int
    found: bool = True
    """It is on the log."""
    withheld: bool = False
    """It is more sensitive than the one who asks."""
    value: object = None
    type: Sort = Sort.NOTE
    trust: Source = Source.MODEL
    source: Source = Source.MODEL
    agent: str = ""
    op: str = ""
    """What was done to it then."""
    at: int = 0
    before: Before | None = None
    """None where the entry was new."""
    later: tuple[int, ...] = ()
    """Revisions at which it has got another value since."""
    gone: bool = False
    """It is not there any more."""
    shown: bool = False
    """It stands elsewhere in this answer too, and there with all that is behind it."""
    cut: bool = False
    """More is behind it than one answer tells."""
    basis: tuple["Value", ...] = ()
    """Values that it was made from."""
    decision: str = ""
    """The call in whose answer it was found; empty where nobody said."""
    call: "Reading | None" = None
    """The same, with what that was given; None where it is not known."""


class Reading(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A call, and what of its task's context it was given."""

    decision: str
    task: str = ""
    step: int = 0
    agent: str = ""
    target: str = ""
    at: int = 0
    given: tuple[Value, ...] = ()


class Books(msgspec.Struct, frozen=True):
    """What is known so far: None where it was looked for and is not there."""

    entries: Mapping[str, Entry | None]
    """Calls, by their decision ids."""
    logs: Mapping[str, Sequence[Line]]
    """Logs of contexts, by their tasks."""


class Found(msgspec.Struct, frozen=True):
    """What can be told so far, and what is to be looked up for more."""

    reading: Reading
    decisions: frozenset[str]
    tasks: frozenset[str]


def trace(entry: Entry, books: Books, sensitivity: Sensitivity = Sensitivity.RESTRICTED) -> Found:
    """Return what a call was given, and so back, as far as the books tell."""
    walk = _Walk(books, sensitivity)
    reading = walk.reading(entry, 0)
    return Found(reading, frozenset(walk.decisions), frozenset(walk.tasks))


def to_json(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON-able values."""
    found: dict[str, Any] = msgspec.to_builtins(reading)
    return found


class _Walk:
    """One way back through the books; what is missing is noted on the way."""

    def __init__(self, books: Books, sensitivity: Sensitivity) -> None:
        self._books = books
        self._sensitivity = sensitivity
        self._seen: set[tuple[str, str, int]] = set()
        self._calls: set[str] = set()
        self._count = 0
        self.decisions: set[str] = set()
        self.tasks: set[str] = set()

    def reading(self, entry: Entry, depth: int) -> Reading:
        self._calls.add(entry.id)
        return Reading(
            decision=entry.id,
            task=entry.task,
            step=entry.step,
            agent=entry.agent,
            target=entry.target,
            at=entry.at,
            given=tuple([self._value(entry.task, key, at, depth) for key, at in entry.given]),
        )

    def _value(self, task: str, key: str, revision: int, depth: int) -> Value:
        name = task, key, revision
        self._count += 1
        bare = Value(task=task, key=key, revision=revision, found=False)
        if task not in self._books.logs:
            self.tasks.add(task)
            return bare
        lines = [each for each in self._books.logs[task] if each.change.key == key]
        line = _written(lines, revision)
        if line is None or line.change.item is None:
            return bare
        shown = name in self._seen
        self._seen.add(name)
        return self._told(task, lines, line, MOST_DEPTH if shown else depth, shown=shown)

    def _told(
        self, task: str, lines: Sequence[Line], line: Line, depth: int, *, shown: bool
    ) -> Value:
        item = line.change.item
        if item is None:
            return Value(task=task, key=line.change.key, revision=line.revision, found=False)
        before = _before(lines, line)
        cut = depth >= MOST_DEPTH or self._count > MOST_VALUES
        grounds = [] if cut else list(item.origin.basis)
        if before is not None and not cut and _merges(line, item):
            grounds.append((item.key, before.revision))
        hidden = item.sensitivity > self._sensitivity
        return Value(
            task=task,
            key=item.key,
            revision=item.revision,
            withheld=hidden,
            value=None if hidden else item.value,
            type=item.type,
            trust=item.trust,
            source=item.origin.source,
            agent=item.origin.agent,
            op=line.change.deed,
            at=item.origin.at,
            before=self._shown(before),
            later=_later(lines, line),
            gone=lines[-1].change.item is None,
            shown=shown,
            cut=cut and not shown,
            basis=tuple([self._value(task, key, at, depth + 1) for key, at in grounds]),
            decision=item.origin.decision,
            call=None if cut else self._call(item.origin.decision, depth),
        )

    def _shown(self, before: Item | None) -> Before | None:
        if before is None:
            return None
        hidden = before.sensitivity > self._sensitivity
        return Before(revision=before.revision, value=None if hidden else before.value)

    def _call(self, decision: str, depth: int) -> Reading | None:
        """Return the call that a value came from; of one that stands elsewhere, only its name."""
        if not decision:
            return None
        if decision not in self._books.entries:
            self.decisions.add(decision)
            return None
        entry = self._books.entries[decision]
        if entry is None:
            return None
        if decision in self._calls:
            return Reading(decision=decision, task=entry.task, step=entry.step, agent=entry.agent)
        return self.reading(entry, depth + 1)


def _written(lines: Sequence[Line], revision: int) -> Line | None:
    """Return the line at which an entry got the value that it had at a revision."""
    found = None
    for each in lines:
        if each.revision == revision and each.change.deed != Deed.PIN.value:
            found = each
    return found


def _before(lines: Sequence[Line], line: Line) -> Item | None:
    earlier = [each for each in lines if each.revision < line.revision]
    return earlier[-1].change.item if earlier else None


def _later(lines: Sequence[Line], line: Line) -> tuple[int, ...]:
    """Return when an entry has got another value since."""
    item = line.change.item
    value = None if item is None else item.value
    after = [each for each in lines if each.revision > line.revision]
    return tuple(
        [
            each.revision
            for each in after
            if each.change.item is not None and each.change.item.value != value
        ]
    )


def _merges(line: Line, item: Item) -> bool:
    """Whether the value before is still a part of this one."""
    return line.change.deed in {Deed.APPEND.value, Deed.ADD.value, Deed.SUM.value} or (
        line.change.deed == Deed.SET.value and item.merge in MERGING
    )
