"""Keeps the versions of what was learnt, and which of them is in force, for all who share a store.

What is in force stands on one document, the head, that only who has seen its last revision may
change: so of several processes one refits, and a switch is seen by all or by none.
"""

from enum import Enum
from typing import TypeVar

import msgspec

from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.refit import Finding, Report
from switchgear.engine.success.model import SuccessModel, decode_model
from switchgear.ports.clock import Clock
from switchgear.ports.papers import (
    MOST_BODY,
    MOST_FOUND,
    Paper,
    PaperKind,
    Papers,
    Sought,
    Write,
    Written,
)

HEAD = "head"
MODEL = "model"
FORMAT = 1
LEASE = Seconds(900.0)
"""How long a refit may take before another may begin one."""
KEPT = 20
"""Versions whose models are kept to go back to, the newest; of older ones only the reports are."""
NONE = "none"
"""What one goes back to where nothing that was learnt is to be in force."""
MS = 1000

_encode = msgspec.json.Encoder().encode


Form = TypeVar("Form", "Head", "Version")


class NoVersion(Exception):
    """There is no version that can be gone back to; the message says why, and what to do."""


class State(Enum):
    """What became of a version; the value is what its document is looked for by."""

    CURRENT = "current"
    RETIRED = "retired"
    """A later one took its place."""
    REJECTED = "rejected"
    """It was tried, and was not better."""
    ROLLED_BACK = "rolled_back"
    """The owner took it out of force; it comes back only by hand."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force, and who is at work on the next."""

    format: int = FORMAT
    current: str = ""
    """Name of the version in force; empty for none."""
    since: UnixMs = UnixMs(0)
    """What is said later than this is learnt on top of it."""
    last: int = 0
    """Number of the version that was made last."""
    tried: UnixMs = UnixMs(0)
    """When a refit was begun last."""
    lease: UnixMs = UnixMs(0)
    """Until then one is under way; 0 for none."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version, without its model."""

    format: int = FORMAT
    name: str
    parent: str = ""
    """What was in force when it was made; empty for nothing."""
    at: UnixMs
    """When it was made."""
    through: UnixMs = UnixMs(0)
    """What came until then, it was fitted to."""
    report: Report
    state: State = State.RETIRED
    """As its document has it."""
    changed: UnixMs = UnixMs(0)
    """When it came to that state."""


class Versions:
    """Every verb holds over all processes that share the store."""

    def __init__(self, papers: Papers, clock: Clock) -> None:
        """Take where they are kept."""
        self._papers = papers
        self._clock = clock

    async def head(self) -> tuple[Head, int]:
        """Return what is in force, and the revision that says so.

        Raises:
            ValueError: it was written by another release, or is damaged.
            LedgerDown: it is not known.
        """
        paper = await self._papers.find(PaperKind.BRAIN, HEAD)
        return (Head(), 0) if paper is None else (_read(paper, Head), paper.revision)

    async def find(self, name: str) -> Version | None:
        """Return one version.

        Raises:
            ValueError, LedgerDown: as ``head``.
        """
        paper = await self._papers.find(PaperKind.BRAIN, name)
        known = paper is not None and paper.state in {each.value for each in State}
        return version_in(paper) if paper is not None and known else None

    async def model(self, name: str) -> SuccessModel:
        """Return the model of a version.

        Raises:
            ValueError: it is no longer kept, was made by another release, or is damaged.
            LedgerDown: it is not known.
        """
        return decode_model(await self.body(name))

    async def body(self, name: str) -> bytes:
        """Return the model of a version as it is kept; see ``model``."""
        paper = await self._papers.find(PaperKind.BRAIN, _model_name(name))
        if paper is None or not paper.body:
            raise ValueError(f"the model of {name} is no longer kept")
        return paper.body

    async def all(self) -> tuple[Version, ...]:
        """Return all versions that this release can read, newest first."""
        found: list[Version] = []
        for state in State:
            sought = Sought(kind=PaperKind.BRAIN, state=state.value, limit=MOST_FOUND)
            for paper in await self._papers.list(sought):
                try:
                    found.append(version_in(paper))
                except ValueError:
                    continue  # another release's: that one shows it
        return tuple(sorted(found, key=lambda each: (each.at, len(each.name), each.name)))[::-1]

    async def lease(self, head: Head, revision: int) -> int:
        """Be the one that refits; return the revision that says so, or 0 where another is."""
        now = self._clock.date()
        if head.lease > now:
            return 0
        leased = msgspec.structs.replace(head, tried=now, lease=UnixMs(now + int(LEASE * MS)))
        done = await self._papers.write((_head_write(leased, revision + 1),))
        return revision + 1 if done is Written.DONE else 0

    async def keep(self, finding: Finding, head: Head, revision: int, through: UnixMs) -> str:
        """Keep what a refit came to, and switch it on where it is better; return its name.

        ``head`` is what was in force when it was begun, and ``revision`` what its lease got. Empty
        where something else came into force meanwhile: then nothing is kept.
        """
        now = self._clock.date()
        name = f"v{head.last + 1}"
        switched = finding.report.switched and 0 < len(finding.model) <= MOST_BODY
        version = Version(
            name=name,
            parent=head.current,
            at=now,
            through=through,
            report=finding.report,
            state=State.CURRENT if switched else State.REJECTED,
            changed=now,
        )
        kept = msgspec.structs.replace(
            head,
            current=name if switched else head.current,
            since=through if switched else head.since,
            last=head.last + 1,
            tried=now,
            lease=UnixMs(0),
        )
        writes = [_head_write(kept, revision + 1), _version_write(version, 1)]
        if switched:
            writes.append(Write(paper=_model_paper(name, finding.model, now, 1)))
            writes += await self._moved(head.current, State.RETIRED)
        done = await self._papers.write(writes)
        if done is Written.DONE and switched:
            await self._thin()
        return name if done is Written.DONE else ""

    async def release(self, head: Head, revision: int) -> None:
        """Let another refit: this one came to nothing."""
        now = self._clock.date()
        freed = msgspec.structs.replace(head, tried=now, lease=UnixMs(0))
        await self._papers.write((_head_write(freed, revision + 1),))

    async def roll_back(self, name: str = "") -> tuple[str, str]:
        """Put an earlier version in force; return what was in force, and what is.

        Without a name it is the parent of the one in force. What was said until now is not learnt
        on top of it: the next refit counts from here.

        Raises:
            NoVersion: there is none of that name, it is in force, or its model is not kept.
            ValueError, LedgerDown: as ``head``.
        """
        head, revision = await self.head()
        goal = await self._goal(head, name)
        now = self._clock.date()
        back = msgspec.structs.replace(head, current=goal, since=now, tried=now, lease=UnixMs(0))
        writes = [
            _head_write(back, revision + 1),
            *await self._moved(head.current, State.ROLLED_BACK),
            *await self._moved(goal, State.CURRENT),
        ]
        if await self._papers.write(writes) is not Written.DONE:
            raise NoVersion("Another changed what is in force at the same moment; look again.")
        return head.current, goal

    async def _goal(self, head: Head, name: str) -> str:
        if name == head.current != "":
            raise NoVersion(f"{name} is in force already.")
        if not name:
            current = await self.find(head.current) if head.current else None
            if current is None:
                raise NoVersion(
                    "No version is in force, so there is none to go back from."
                    f" `rollback {NONE}` forgets what was learnt since."
                )
            name = await self._before(current)
        if name == NONE:
            return ""
        if await self.find(name) is None:
            raise NoVersion(
                f"There is no version {name!r}; `switchgear brain versions` lists them."
            )
        try:
            await self.model(name)
        except ValueError as error:
            raise NoVersion(f"{name} cannot be put in force: {error}.") from None
        return name

    async def _before(self, version: Version) -> str:
        """Return the last version before one that was not itself taken out of force."""
        found: Version | None = version
        while found is not None and found.parent:
            found = await self.find(found.parent)
            if found is not None and found.state is State.RETIRED:
                return found.name
        return NONE

    async def _moved(self, name: str, state: State) -> list[Write]:
        paper = await self._papers.find(PaperKind.BRAIN, name) if name else None
        if paper is None:
            return []
        version = msgspec.structs.replace(
            version_in(paper), state=state, changed=self._clock.date()
        )
        return [_version_write(version, paper.revision + 1)]

    async def _thin(self) -> None:
        """Let go of models that nobody will go back to."""
        for each in [one for one in await self.all() if one.state is not State.REJECTED][KEPT:]:
            paper = await self._papers.find(PaperKind.BRAIN, _model_name(each.name))
            if paper is not None and paper.body:
                bare = _model_paper(each.name, b"", paper.made, paper.revision + 1)
                await self._papers.write((Write(paper=bare),))


def version_in(paper: Paper) -> Version:
    """Return the version that a document holds.

    Raises:
        ValueError: it was written by another release, or is damaged.
    """
    found: Version = _read(paper, Version)
    return msgspec.structs.replace(found, state=State(paper.state))


def _read(paper: Paper, form: type[Form]) -> Form:
    found = msgspec.json.decode(paper.body, type=form)  # what is wrong with it is a ValueError
    if found.format != FORMAT:
        raise ValueError(f"{paper.id} is in format {found.format}; this release reads {FORMAT}")
    return found


def _model_name(name: str) -> str:
    return f"{name}/{MODEL}"


def _model_paper(name: str, model: bytes, made: UnixMs, revision: int) -> Paper:
    return Paper(
        kind=PaperKind.BRAIN,
        id=_model_name(name),
        of=name,
        state=MODEL,
        made=made,
        revision=revision,
        body=model,
    )


def _version_write(version: Version, revision: int) -> Write:
    return Write(
        paper=Paper(
            kind=PaperKind.BRAIN,
            id=version.name,
            of=version.parent,
            state=version.state.value,
            made=version.at,
            revision=revision,
            body=_encode(version),
        )
    )


def _head_write(head: Head, revision: int) -> Write:
    return Write(
        paper=Paper(
            kind=PaperKind.BRAIN,
            id=HEAD,
            state=HEAD,
            made=head.tried,
            revision=revision,
            body=_encode(head),
        )
    )
