"""The contexts that this process has in mind, and what of each is said in calls."""

from collections import OrderedDict

import msgspec

from switchgear.domain.context import EMPTY, Document
from switchgear.domain.errors import LedgerDown
from switchgear.domain.target import Sensitivity
from switchgear.domain.units import Tokens, UnixMs
from switchgear.engine.context import current
from switchgear.engine.rendering import Rendering, render
from switchgear.ports.papers import Paper

MOST_BYTES = 67_108_864
"""Of all documents together, as the store has them."""
LEAST_BYTES = 1_000
"""That one is taken to have: also that there is none takes its room."""

_decode = msgspec.json.Decoder(Document).decode


class Held:
    """One context at one revision, as the store has it; it is read when somebody looks."""

    __slots__ = ("_document", "_living", "_paper", "_said", "made", "revision", "size", "task")

    def __init__(self, task: str, paper: Paper | None = None) -> None:
        """Know a document, or that there is none."""
        self.task = task
        self.revision = 0 if paper is None else paper.revision
        self.made = None if paper is None else paper.made
        self.size = LEAST_BYTES if paper is None else LEAST_BYTES + len(paper.body)
        self._paper = paper
        self._document = EMPTY if paper is None else None
        self._living: Document | None = None
        self._said: dict[tuple[Sensitivity, Tokens], Rendering | None] = {}

    @property
    def document(self) -> Document:
        """All its entries, also those that have ended since it was written.

        Raises:
            LedgerDown: what is kept is no context.
        """
        if self._document is None:
            self._document = EMPTY if self._paper is None else document_in(self._paper)
            self._paper = None
        return self._document

    def said(self, sensitivity: Sensitivity, most: Tokens, now: UnixMs) -> Rendering | None:
        """Return it in words for such calls; the same again until something ends.

        Raises:
            LedgerDown: what is kept is no context.
        """
        living = current(self._living or self.document, now)
        if living is not self._living:
            self._living = living
            self._said.clear()
        name = sensitivity, most
        if name not in self._said:
            self._said[name] = render(self.task, living, sensitivity, most)
        return self._said[name]


class Shelf:
    """Those of the tasks that were at work last; of the others the store knows."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        """Start with none."""
        self._most = most
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._bytes = 0

    def find(self, task: str) -> Held | None:
        """Return the context of a task, if it is in mind."""
        held = self._held.get(task)
        if held is not None:
            self._held.move_to_end(task)
        return held

    def keep(self, held: Held) -> Held:
        """Know a context; where a later revision is known, return that."""
        there = self._held.get(held.task)
        if there is not None:
            if there.revision > held.revision:
                return there
            self._drop(held.task)
        self._held[held.task] = held
        self._bytes += held.size
        while self._bytes > self._most and len(self._held) > 1:
            self._drop(next(iter(self._held)))
        return held

    def forget(self) -> None:
        """Have none in mind."""
        self._held.clear()
        self._bytes = 0

    def _drop(self, task: str) -> None:
        self._bytes -= self._held.pop(task).size


def document_in(paper: Paper) -> Document:
    """Return the context of a paper.

    Raises:
        LedgerDown: it is none.
    """
    try:
        return _decode(paper.body)
    except msgspec.MsgspecError:
        raise LedgerDown("What is kept of that context cannot be read.") from None
