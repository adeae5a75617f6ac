"""The desk of tasks on a store in memory, with a clock that leaps."""

from collections.abc import Sequence

from typing_extensions import override

from support.papers import SlowPapers
from support.stage import LoopClock
from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.chance import SeededChance
from switchgear.config.setup import Supervision
from switchgear.domain.caller import Key, Right
from switchgear.domain.context import Operation, Writer
from switchgear.domain.errors import MalformedBody
from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.desk import TaskDesk
from switchgear.pipeline.task.opening import Drafts, Opener
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Paper, PaperKind, Write

OWN = Key(id="k", tenant="acme")
MATE = Key(id="mate", tenant="acme")
OTHER = Key(id="far", tenant="other")
ADMIN = Key(id="root", tenant="acme", rights=frozenset({Right.ADMIN}))


class Shelf(Drafts):
    """Begins contexts that are only counted; one whose key is ``bad`` cannot be."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    @override
    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        if any(each.key == "bad" for each in entries):
            raise MalformedBody("context: bad")
        if not entries:
            return None
        body = str(by.human).encode()
        paper = Paper(kind=PaperKind.CONTEXT, id=task.id, made=UnixMs(0), body=body)
        return Write(paper=paper)

    @override
    async def begin(self, task: Task, entries: Sequence[Operation], by: Writer) -> int:
        del entries, by
        self.begun.append(task.id)
        return 1


class Counter:
    """All that stands around the desk."""

    def __init__(
        self, settings: Supervision | None = None, papers: SlowPapers | None = None
    ) -> None:
        self.papers = papers or SlowPapers()
        self.tasks = Tasks(self.papers, LoopClock(), Nursery())
        self.bursar = Bursar(self.tasks, MemoryBudgets(LoopClock()), LoopClock())
        if settings is not None:
            self.bursar.settings = settings
        self.shelf = Shelf()
        opener = Opener(self.tasks, self.bursar, self.shelf, LoopClock(), SeededChance(1))
        self.desk = TaskDesk(self.tasks, self.papers, opener, self.bursar, LoopClock())
