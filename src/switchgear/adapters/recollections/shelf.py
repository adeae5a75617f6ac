"""Kept answers in memory: each conversation once, however many answers go on from it."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from sys import getsizeof

import msgspec

from switchgear.domain.event import Event
from switchgear.domain.turn import AnswerFormat, Part, ToolResult, Turn
from switchgear.domain.units import Seconds
from switchgear.ports.recollection import Owner, Recollection

MOST_ANSWERS = 100_000
"""Kept at once, however small."""
LEAST, PART = 1000, 200
"""Bytes that an answer, and a part of a turn, take beside their content, about."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept, and how long."""

    most_bytes: int
    span: Seconds
    """Since an answer was kept, or gone on from."""


class Strand:
    """What one call added to a conversation, and where the rest of it is."""

    __slots__ = ("before", "number", "size", "turns", "users")

    def __init__(self, number: int, before: "Strand | None", turns: tuple[Turn, ...]) -> None:
        """Go on from ``before``."""
        self.number = number
        self.before = before
        self.turns = turns
        self.size = LEAST + weight(turns)
        self.users = 0
        """Answers that end here, and strands that go on from here."""

    def told(self) -> tuple[Turn, ...]:
        """Return all that was said until its end."""
        strands: list[Strand] = []
        here: Strand | None = self
        while here is not None:
            strands.append(here)
            here = here.before
        return tuple([turn for strand in reversed(strands) for turn in strand.turns])


class Slot:
    """One answer: where it ends in a conversation, and what is known of it besides."""

    __slots__ = ("inputs", "note", "size", "strand", "used")

    def __init__(self, note: Recollection, strand: Strand, inputs: int, used: Seconds) -> None:
        """Take a recollection without its turns, which are in the strand.

        Shapes: so many of the strand's turns, its ``inputs``, were asked; the rest was answered.
        """
        self.note = note
        self.strand = strand
        self.inputs = inputs
        self.size = LEAST + _weigh_note(note)
        self.used = used


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one act did to the shelf, for whoever keeps a copy."""

    strands: tuple[tuple[Strand, int | None], ...] = ()
    """Each with the number of the one before it, which the shelf may cut off later."""
    slot: tuple[Owner, Slot] | None = None
    gone: tuple[tuple[Owner, str], ...] = ()
    loose: tuple[int, ...] = ()
    """Numbers of strands that nobody needs any more."""


class Shelf:
    """All answers that are kept, the one that was used longest ago first."""

    def __init__(self, bounds: Bounds) -> None:
        """Start with none."""
        self.bounds = bounds
        self.size = 0
        """Bytes that all of it takes, about."""
        self._slots: OrderedDict[tuple[Owner, str], Slot] = OrderedDict()
        self._numbers = 0
        self._loose: list[int] = []

    def __len__(self) -> int:
        """Return how many answers there are."""
        return len(self._slots)

    def keep(self, owner: Owner, new: Recollection, now: Seconds) -> Change:
        """Put an answer on the shelf, after what it goes on from where that is here."""
        gone = self._age(now)
        strands = self._strands(owner, new)
        links = tuple([(each, each.before.number if each.before else None) for each in strands])
        name = (owner, new.id)
        if name in self._slots:
            self._drop(name)
        slot = self._put(name, Slot(_note(new), strands[-1], len(new.input), now))
        gone += self._fit()
        return Change(strands=links, slot=(owner, slot), gone=tuple(gone), loose=self._swept())

    def find(self, owner: Owner, name: str, now: Seconds) -> tuple[Recollection | None, Change]:
        """Return an answer; it is the last to be forgotten from now on."""
        gone = self._age(now)
        slot = self._slots.get((owner, name))
        found = None
        if slot is not None:
            slot.used = now
            self._slots.move_to_end((owner, name))
            found = _found(slot)
        return found, Change(gone=tuple(gone), loose=self._swept())

    def forget(self, owner: Owner, name: str, now: Seconds) -> tuple[bool, Change]:
        """Take an answer off the shelf, and say whether it was there."""
        gone = self._age(now)
        there = (owner, name) in self._slots
        if there:
            self._drop((owner, name))
            gone.append((owner, name))
        return there, Change(gone=tuple(gone), loose=self._swept())

    def restore(self, owner: Owner, slot: Slot) -> None:
        """Put back what a copy has; what was used longest ago comes first."""
        self._put((owner, slot.note.id), slot)

    def strand(self, number: int, before: Strand | None, turns: tuple[Turn, ...]) -> Strand:
        """Put a strand back under its number."""
        self._numbers = max(self._numbers, number)
        return self._hung(Strand(number, before, turns))

    def settle(self, strands: Collection[Strand], now: Seconds) -> Change:
        """Keep within the bounds what was put back; some of the ``strands`` nobody may need."""
        for strand in strands:
            strand.users += 1
        for strand in strands:
            self._release(strand)
        gone = [*self._age(now), *self._fit()]
        return Change(gone=tuple(gone), loose=self._swept())

    def _strands(self, owner: Owner, new: Recollection) -> list[Strand]:
        """Return what is new to the conversation; all of it, where its beginning is not here."""
        before = self._slots.get((owner, new.asked.previous)) if new.asked.previous else None
        strands, last = [], before.strand if before else None
        if last is None and new.earlier:
            last = self._next(None, new.earlier)
            strands.append(last)
        strands.append(self._next(last, (*new.input, *new.answer)))
        return strands

    def _next(self, before: Strand | None, turns: tuple[Turn, ...]) -> Strand:
        self._numbers += 1
        return self._hung(Strand(self._numbers, before, turns))

    def _hung(self, strand: Strand) -> Strand:
        if strand.before is not None:
            strand.before.users += 1
        self.size += strand.size
        return strand

    def _put(self, name: tuple[Owner, str], slot: Slot) -> Slot:
        slot.strand.users += 1
        self.size += slot.size
        self._slots[name] = slot
        return slot

    def _drop(self, name: tuple[Owner, str]) -> None:
        slot = self._slots.pop(name)
        self.size -= slot.size
        self._release(slot.strand)

    def _release(self, strand: Strand) -> None:
        """Let go of a strand, and of those before it that nobody else needs."""
        here: Strand | None = strand
        while here is not None:
            here.users -= 1
            if here.users:
                return
            self.size -= here.size
            self._loose.append(here.number)
            here.before, here = None, here.before

    def _age(self, now: Seconds) -> list[tuple[Owner, str]]:
        gone = []
        while self._slots:
            name, slot = next(iter(self._slots.items()))
            if slot.used + self.bounds.span > now:
                break
            self._drop(name)
            gone.append(name)
        return gone

    def _fit(self) -> list[tuple[Owner, str]]:
        gone = []
        while self._slots and (self.size > self.bounds.most_bytes or len(self) > MOST_ANSWERS):
            name = next(iter(self._slots))
            self._drop(name)
            gone.append(name)
        return gone

    def _swept(self) -> tuple[int, ...]:
        loose, self._loose = tuple(self._loose), []
        return loose


def _note(new: Recollection) -> Recollection:
    """Return what is known of an answer without what was said."""
    asked = new.asked
    light = msgspec.structs.replace(
        asked,
        turns=asked.turns[: asked.instructions],
        tools=tuple([msgspec.structs.replace(it, schema=it.schema.copy()) for it in asked.tools]),
        format=_own(asked.format),
    )
    return msgspec.structs.replace(new, earlier=(), answer=(), asked=light)


def _own(wanted: AnswerFormat | None) -> AnswerFormat | None:
    """Return the same with bytes of its own: those of a request would keep all of it in memory."""
    if wanted is None or wanted.schema is None:
        return wanted
    return msgspec.structs.replace(wanted, schema=wanted.schema.copy())


def _found(slot: Slot) -> Recollection:
    note, strand = slot.note, slot.strand
    said, answer = strand.turns[: slot.inputs], strand.turns[slot.inputs :]
    asked = msgspec.structs.replace(note.asked, turns=(*note.asked.turns, *said))
    earlier = strand.before.told() if strand.before else ()
    return msgspec.structs.replace(note, earlier=earlier, asked=asked, answer=answer)


def weight(turns: Iterable[Turn]) -> int:
    """Return about how many bytes turns take in memory."""
    return sum([_weigh_part(part) for turn in turns for part in turn.parts])


def _weigh_part(part: Part) -> int:
    if isinstance(part, ToolResult):
        return PART + sum([_weigh_part(each) for each in part.parts])
    texts = [getattr(part, name) for name in part.__struct_fields__]
    return PART + sum([getsizeof(each) for each in texts if type(each) is str])


def _weigh_note(note: Recollection) -> int:
    asked = note.asked
    tools = sum([PART + len(it.description) + len(bytes(it.schema)) for it in asked.tools])
    schema = asked.format.schema if asked.format else None
    said = sum([PART + getsizeof(_text(event)) for event in note.events])
    return weight(asked.turns) + tools + len(bytes(schema or b"")) + said + len(note.raw)


def _text(event: Event) -> str:
    text: str = getattr(event, "text", "") or getattr(event, "json", "")
    return text
