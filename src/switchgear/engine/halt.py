"""Which kill switches hold for a call, and what several people's words about them come to."""

from collections.abc import Iterable

import msgspec

from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs

MOST = 2000
"""Halts that may be set at once."""
MOST_LIFTED = 500
"""Of those let go again that are remembered; the oldest are forgotten."""

Name = tuple[Halted, str, str]
"""What a halt is known by: its kind, what it stops, and on whose word."""
Halts = dict[Name, Halt]
Index = dict[tuple[Halted, str], tuple[Halt, ...]]
"""Those that hold now, by what they stop."""


class Subject(msgspec.Struct, frozen=True, gc=False):
    """Who calls, as far as it matters here."""

    tenant: str = ""
    keys: tuple[str, ...] = ()
    """Ids of its key, and of those that made it."""
    agent: str = ""


def name_of(halt: Halt) -> Name:
    """Return what a halt is known by: a later word on the same takes its place."""
    return halt.kind, halt.name, halt.tenant


def holds(halt: Halt, subject: Subject, target: str = "") -> bool:
    """Whether a halt stops this subject's calls, or its calls to this target.

    A tenant's admin stops nobody but that tenant, whatever it names.
    """
    if not halt.on or halt.tenant not in {"", subject.tenant}:
        return False
    match halt.kind:
        case Halted.EVERYTHING:
            return True
        case Halted.TENANT:
            return halt.name == subject.tenant
        case Halted.KEY:
            return halt.name in subject.keys
        case Halted.AGENT:
            return halt.name == subject.agent
        case Halted.TARGET:
            return halt.name == target


def indexed(known: Halts) -> Index:
    """Return what holds now, so that ``find`` need not look at each."""
    index: Index = {}
    for halt in known.values():
        if halt.on:
            place = halt.kind, "" if halt.kind is Halted.EVERYTHING else halt.name
            index[place] = (*index.get(place, ()), halt)
    return index


def find(index: Index, subject: Subject, target: str = "") -> Halt | None:
    """Return a halt that holds for the subject's calls, or else for those to this target."""
    places = [
        (Halted.EVERYTHING, ""),
        (Halted.TENANT, subject.tenant),
        *[(Halted.KEY, key) for key in subject.keys],
        (Halted.AGENT, subject.agent),
        (Halted.TARGET, target),
    ]
    for place in places:
        for halt in index.get(place, ()):
            if holds(halt, subject, target):
                return halt
    return None


def merged(known: Halts, news: Iterable[Halt]) -> Halts:
    """Return what is known after some news; it does not matter in what order or how often it comes.

    Of two words on the same the newer stands; of two at once the one that stops.
    """
    found = dict(known)
    for halt in news:
        before = found.get(name_of(halt))
        if before is None or _rank(before) < _rank(halt):
            found[name_of(halt)] = halt
    return _bounded(found)


def said(known: Halts, halt: Halt, now: UnixMs) -> Halt:
    """Return a new word, dated so that it stands against all that is known of the same thing.

    Clocks of two nodes differ, and jump: nobody's resumption may be lost for that.
    """
    before = known.get(name_of(halt))
    at = now if before is None else max(now, before.at + 1)
    return msgspec.structs.replace(halt, at=UnixMs(at))


def room(known: Halts) -> bool:
    """Whether one more may be set."""
    return sum(each.on for each in known.values()) < MOST


def _rank(halt: Halt) -> tuple[int, bool, str, str]:
    return halt.at, halt.on, halt.by, halt.note


def _bounded(found: Halts) -> Halts:
    lifted = [each for each in found.values() if not each.on]
    if len(lifted) > MOST_LIFTED:
        lifted.sort(key=lambda each: (each.at, each.kind.value, each.name, each.tenant))
        for each in lifted[:-MOST_LIFTED]:
            del found[name_of(each)]
    return found
