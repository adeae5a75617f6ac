"""Documents for tests, a plain model of where they are kept, and all places there are."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: the same walk each time)

import msgspec

from support.postgres import emptied, home
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs
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

Opened = Callable[[], AbstractAsyncContextManager[tuple[Papers, Papers]]]
"""Gives two that share one store: as two processes have it, where the store can be shared."""
Step = Callable[[Papers, int], Awaitable[object]]
"""Does something with papers that began to be told of changes at a number."""
KINDS, NAMES = tuple(PaperKind), ("a", "b", "c", "d\0", "é")


@asynccontextmanager
async def memory() -> AsyncIterator[tuple[Papers, Papers]]:
    papers = MemoryPapers()
    yield papers, papers


@asynccontextmanager
async def sqlite() -> AsyncIterator[tuple[Papers, Papers]]:
    with tempfile.TemporaryDirectory() as folder:
        one, other = (SqlitePapers(Path(folder) / "ledger.db", durable=False) for _ in range(2))
        yield one, other
        await one.aclose()
        await other.aclose()


@asynccontextmanager
async def postgres() -> AsyncIterator[tuple[Papers, Papers]]:
    async with emptied():
        one, other = (PostgresPapers(Secret(home())) for _ in range(2))
        yield one, other
        await one.aclose()
        await other.aclose()


PLACES: tuple[Opened, ...] = (memory, sqlite, postgres)


def paper(name: str = "a", revision: int = 1, **more: object) -> Paper:
    """Return a document; what is not said does not matter."""
    fields = {"kind": PaperKind.TASK, "made": 1, "body": b"{}", **more}
    return Paper(id=name, revision=revision, **fields)  # type: ignore[arg-type]  # checked by use


def write(name: str = "a", revision: int = 1, *notes: str, **more: object) -> Write:
    """Return a write of a document, with lines for its log."""
    lines = tuple(Note(id=it, at=UnixMs(revision), revision=revision, body=b'""') for it in notes)
    return Write(paper=paper(name, revision, **more), notes=lines)


class Model:
    """What is right, said as plainly as can be: a list of all that was ever written."""

    def __init__(self) -> None:
        self.done: list[Write] = []
        self.now: dict[tuple[PaperKind, str], Paper] = {}
        self.log: dict[tuple[PaperKind, str], dict[str, Note]] = {}

    def write(self, writes: Sequence[Write]) -> Written:
        names = [(it.paper.kind, it.paper.id) for it in writes]
        notes = [(*name, n.id) for it, name in zip(writes, names, strict=True) for n in it.notes]
        if len(set(notes)) < len(notes):
            return Written.REPEATED
        if len(set(names)) < len(names):
            return Written.CONFLICT
        if any(note in self.log.get((kind, name), {}) for kind, name, note in notes):
            return Written.REPEATED
        for it, name in zip(writes, names, strict=True):
            if it.paper.revision != (self.now[name].revision if name in self.now else 0) + 1:
                return Written.CONFLICT
        self.done += writes
        for it, name in zip(writes, names, strict=True):
            self.now[name] = it.paper
            self.log.setdefault(name, {}).update({note.id: note for note in it.notes})
        return Written.DONE

    def list(self, sought: Sought) -> tuple[Paper, ...]:
        found = []
        for each in self.now.values():
            tests = [
                each.kind is sought.kind,
                sought.key is None or each.key == sought.key,
                sought.tenant is None or each.tenant == sought.tenant,
                not sought.of or each.of == sought.of,
                not sought.state or each.state == sought.state,
                sought.due is None or (each.due is not None and each.due <= sought.due),
                sought.before is None or each.made < sought.before,
            ]
            if all(tests):
                found.append(each)
        found.sort(key=lambda each: (each.made, each.id), reverse=True)
        return tuple(found[: sought.limit])

    def notes(self, kind: PaperKind, name: str, after: int) -> tuple[Note, ...]:
        found = [it for it in self.log.get((kind, name), {}).values() if it.revision > after]
        return tuple(found[:MOST_FOUND])

    def changed(self, kind: PaperKind, place: int) -> tuple[Paper, ...]:
        """Return what was written after a place in the list, as it is now, in that order."""
        last: dict[tuple[PaperKind, str], Paper] = {}
        for it in self.done[place:]:
            name = it.paper.kind, it.paper.id
            last.pop(name, None)
            last[name] = it.paper
        return tuple([it for it in last.values() if it.kind is kind])


class Walk:
    """Random operations, of which stores and the model are asked the same."""

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)  # noqa: S311  (seeded: the same walk each time)
        self._model = Model()
        self._told: dict[Papers, int] = {}
        self._place = 0

    async def begin(self, stores: Sequence[Papers]) -> None:
        """Let each store say where it is."""
        for store in stores:
            self._told[store], found = await store.since(PaperKind.TASK, 0)
            assert found == ()

    async def step(self, stores: Sequence[Papers]) -> None:
        """Do one thing to each store, and see that all answer what the model does."""
        share = self._draw.random()
        if share < 0.6:
            await self._write(stores)
        elif share < 0.75:
            kind, name = self._draw.choice(KINDS), self._draw.choice(NAMES)
            right = self._model.now.get((kind, name))
            assert [await it.find(kind, name) for it in stores] == [right] * len(stores)
        elif share < 0.85:
            sought = self._sought()
            assert [await it.list(sought) for it in stores] == [self._model.list(sought)] * len(
                stores
            )
        elif share < 0.95:
            kind, name, after = self._draw.choice(KINDS), self._draw.choice(NAMES), self._number()
            right_notes = self._model.notes(kind, name, after)
            assert [await it.notes(kind, name, after) for it in stores] == [right_notes] * len(
                stores
            )
        else:
            await self._hear(stores)

    async def _write(self, stores: Sequence[Papers]) -> None:
        writes = tuple(self._writes())
        right = self._model.write(writes)
        assert [await it.write(writes) for it in stores] == [right] * len(stores)

    async def _hear(self, stores: Sequence[Papers]) -> None:
        right = self._model.changed(PaperKind.TASK, self._place)
        for store in stores:
            self._told[store], found = await store.since(PaperKind.TASK, self._told[store])
            assert found == right
        self._place = len(self._model.done)

    def _writes(self) -> Iterator[Write]:
        now = self._model.now
        for _ in range(self._draw.choice((1, 1, 1, 2, 3))):
            kind, name = self._draw.choice(KINDS), self._draw.choice(NAMES)
            there = now.get((kind, name))
            revision = (there.revision if there else 0) + self._draw.choice((1, 1, 1, 1, 0, 2))
            notes = [str(self._draw.randrange(10_000)) for _ in range(self._draw.choice((0, 1, 2)))]
            fields = {
                "kind": kind,
                "key": self._draw.choice("xy"),
                "tenant": self._draw.choice(("", "t")),
                "of": self._draw.choice(("", "p")),
                "state": self._draw.choice(("open", "shut")),
                "due": self._draw.choice((None, self._number())),
                "made": there.made if there else self._number(),
                "body": msgspec.json.encode(self._number()),
            }
            yield write(name, revision, *notes, **fields)

    def _sought(self) -> Sought:
        return Sought(
            kind=self._draw.choice(KINDS),
            key=self._draw.choice((None, "x")),
            tenant=self._draw.choice((None, "", "t")),
            of=self._draw.choice(("", "p")),
            state=self._draw.choice(("", "open")),
            due=self._draw.choice((None, UnixMs(self._number()))),
            before=self._draw.choice((None, UnixMs(self._number()))),
            limit=self._draw.choice((1, 3, 100)),
        )

    def _number(self) -> int:
        return self._draw.randrange(20)
