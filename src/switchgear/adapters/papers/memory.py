"""Documents in memory: they end with the process."""

from collections.abc import Sequence
from itertools import takewhile

from typing_extensions import override

from switchgear.adapters.papers.row import at_odds, page
from switchgear.ports.papers import (
    MOST_FOUND,
    Note,
    Paper,
    PaperKind,
    Papers,
    Sought,
    Write,
    Written,
)

MOST = 100_000
"""Documents that are kept; beyond them, those go that were not changed for longest."""
Name = tuple[PaperKind, str]


class MemoryPapers(Papers):
    """A dictionary; what a real store would do in a transaction is done between two awaits."""

    def __init__(self, most: int = MOST) -> None:
        """Start with nothing written; ``most`` documents are kept."""
        self._most = most
        self._papers: dict[PaperKind, dict[str, Paper]] = {kind: {} for kind in PaperKind}
        self._notes: dict[Name, dict[str, Note]] = {}
        self._numbers: dict[Name, int] = {}
        """Of each one's last change, the lowest first."""
        self._number = 1

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        return self._papers[kind].get(name)

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        odds = at_odds(writes)
        if odds is not None:
            return odds
        for each in writes:
            known = self._notes.get((each.paper.kind, each.paper.id), {})
            if any(note.id in known for note in each.notes):
                return Written.REPEATED
        for each in writes:
            there = self._papers[each.paper.kind].get(each.paper.id)
            if each.paper.revision != (there.revision if there else 0) + 1:
                return Written.CONFLICT
        for each in writes:
            self._put(each)
        self._forget()
        return Written.DONE

    @override
    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        found = [each for each in self._papers[sought.kind].values() if fits(each, sought)]
        found.sort(key=lambda each: (each.made, each.id), reverse=True)
        return tuple(found[: page(sought)])

    @override
    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        found = [it for it in self._notes.get((kind, name), {}).values() if it.revision > after]
        return tuple(sorted(found, key=lambda each: each.revision)[:MOST_FOUND])

    @override
    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        if not number:
            return self._number, ()
        newest_first = takewhile(lambda each: each[1] > number, reversed(self._numbers.items()))
        later = [(at, name) for (of, name), at in newest_first if of is kind]
        found = later[: -MOST_FOUND - 1 : -1]
        reached = self._number if len(found) == len(later) else found[-1][0]
        return reached, tuple([self._papers[kind][name] for _, name in found])

    @override
    async def aclose(self) -> None:
        """Do nothing: there is nothing open."""

    def _put(self, write: Write) -> None:
        name = write.paper.kind, write.paper.id
        self._papers[write.paper.kind][write.paper.id] = write.paper
        self._notes.setdefault(name, {}).update({note.id: note for note in write.notes})
        self._number += 1
        self._numbers.pop(name, None)
        self._numbers[name] = self._number

    def _forget(self) -> None:
        while len(self._numbers) > self._most:
            kind, name = oldest = next(iter(self._numbers))
            del self._numbers[oldest], self._notes[oldest], self._papers[kind][name]


def fits(paper: Paper, sought: Sought) -> bool:
    """Whether a document is one of those that are looked for."""
    wanted = (
        (sought.kind, paper.kind),
        (sought.key, paper.key),
        (sought.tenant, paper.tenant),
        (sought.of or None, paper.of),
        (sought.state or None, paper.state),
    )
    due = sought.due is None or (paper.due is not None and paper.due <= sought.due)
    early = sought.before is None or paper.made < sought.before
    return due and early and all(value is None or value == there for value, there in wanted)
