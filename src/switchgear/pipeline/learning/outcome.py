"""Keeps what is said of decisions, whenever it is said, and tells those who learn from it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from switchgear.domain.caller import Key, Right
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown, MalformedBody, SwitchgearError, UnknownDecision
from switchgear.domain.feedback import NothingToJudge, TooManyOutcomes
from switchgear.domain.outcome import Outcome
from switchgear.domain.target import Target, Tier
from switchgear.engine.outcome import HUMAN, Label, Tiers, answerer, label_of, outcomes_in
from switchgear.engine.policydoc import decode_policy
from switchgear.engine.saying import (
    Content,
    Saying,
    check_tiers,
    content_of,
    moment,
    name_of,
    said_before,
)
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Query
from switchgear.ports.papers import (
    Note,
    Paper,
    PaperKind,
    Papers,
    Sought,
    Write,
    Written,
)

MOST_SAID = 32
"""Outcomes that others may say of one decision."""
MOST_KEPT = MOST_SAID + 8
"""With those that we see ourselves."""
MOST_TRIES = 8
"""At a write, when other processes are quicker each time."""
TURNS = 64
"""Locks, each for its share of all decisions."""
MOST_POLICIES = 16
"""Of old, whose tiers are remembered."""
_encode = msgspec.json.Encoder().encode

Heard = Callable[[Outcome, Entry], object]


class Books(Protocol):
    """What is looked up on the ledger."""

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        ...

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first."""
        ...

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        ...


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of saying something."""

    outcome: Outcome
    """As it is kept."""
    repeated: bool = False
    """It was there already; nothing was written."""
    differs: bool = False
    """What was there under that id says something else, and stays."""
    label: Label | None
    """What all that was said of the decision comes to now."""


class Outcomes:
    """Every verb holds over all processes that share the store; it outlives a reload."""

    def __init__(self, papers: Papers, ledger: Books, clock: Clock) -> None:
        """Take where outcomes are kept, and where what they are about is."""
        self.told: Heard = lambda _outcome, _entry: None
        """Hears of each outcome once it is kept, in this process."""
        self._papers = papers
        self._ledger = ledger
        self._clock = clock
        self._version = ""
        self._tiers: dict[str, Tier] = {}
        self._old: dict[str, Tiers] = {}
        self._turns = tuple([asyncio.Lock() for _ in range(TURNS)])

    def expect(self, version: str, targets: Sequence[Target]) -> None:
        """Know the policy in force, from now on."""
        self._version = version
        self._tiers = {each.id: each.tier for each in targets}

    async def say(self, saying: Saying, by: Key) -> Told:
        """Keep what a key says of a decision; what comes twice is kept once.

        Raises:
            UnknownDecision: there is none of that id that is the key's to judge.
            NothingToJudge: nothing was decided in it.
            MalformedBody: it cannot be said of it.
            TooManyOutcomes: as many as there may be were said.
            LedgerDown: nothing was kept.
        """
        entry = await self._ledger.find(saying.decision)
        if entry is None or not may_judge(by, entry):
            raise UnknownDecision
        return await self.keep(saying, entry, by.id)

    async def say_all(self, sayings: Sequence[Saying | SwitchgearError], by: Key) -> list[Any]:
        """Keep one after the other; return for each what came of it, or the error."""
        found: list[Told | SwitchgearError] = []
        for each in sayings:
            try:
                found.append(each if isinstance(each, Exception) else await self.say(each, by))
            except SwitchgearError as error:
                found.append(error)
        return found

    async def keep(self, saying: Saying, entry: Entry, by: str) -> Told:
        """Keep what is said of an entry that the sayer may judge; see ``say``."""
        content = content_of(saying)
        tiers = await self.check(content, entry)
        served, wanted = tiers.get(answerer(entry)), tiers.get(content.override)

        def made(there: tuple[Outcome, ...]) -> Outcome:
            return Outcome(
                id=_name(saying, content, by, there),
                decision=entry.id,
                at=moment(self._clock.date(), there),
                source=saying.source,
                score=content.score,
                verdict=content.verdict,
                override=content.override,
                tool=content.tool,
                by=by,
                served=served,
                wanted=wanted,
            )

        outcome, there, new = await self._kept(entry, made, MOST_SAID)
        return Told(
            outcome=outcome,
            repeated=not new,
            differs=not new and not (said_before(content, outcome) and outcome.by == by),
            label=label_of(there, entry, tiers),
        )

    async def check(self, content: Content, entry: Entry) -> Tiers:
        """Check that this may be said of an entry; return the tiers of targets.

        Raises:
            NothingToJudge, MalformedBody: as ``say``.
        """
        check_judgeable(entry)
        tiers = await self.tiers(entry)
        wanted = tiers.get(content.override)
        self._check_override(content, entry, wanted)
        check_tiers(content, tiers.get(answerer(entry)), wanted)
        return tiers

    async def of(self, decision: str) -> tuple[Outcome, ...]:
        """Return what was said of a decision, in the order in which it was kept."""
        paper = await self._papers.find(PaperKind.OUTCOME, decision)
        return () if paper is None else read(paper)

    async def page(self, sought: Sought) -> tuple[tuple[Paper, tuple[Outcome, ...]], ...]:
        """Return papers with what was said, those of the newest decisions first."""
        return tuple([(each, read(each)) for each in await self._papers.list(sought)])

    async def tiers(self, entry: Entry) -> Tiers:
        """Return the tiers of targets: of the policy that decided, and of the one in force."""
        version = "" if entry.decision is None else entry.decision.policy
        if version in {"", self._version}:
            return self._tiers
        if version not in self._old:
            while len(self._old) >= MOST_POLICIES:
                del self._old[next(iter(self._old))]
            self._old[version] = tiers_in(await self._ledger.find_policy(version))
        return {**self._tiers, **self._old[version]}

    async def note(self, entry: Entry, outcome: Outcome) -> Told:
        """Keep what we saw ourselves.

        Raises:
            TooManyOutcomes, LedgerDown: nothing was kept.
        """
        tiers = await self.tiers(entry)
        whole = msgspec.structs.replace(outcome, served=tiers.get(answerer(entry)))
        kept, there, new = await self._kept(entry, lambda _there: whole, MOST_KEPT)
        return Told(outcome=kept, repeated=not new, label=label_of(there, entry, tiers))

    async def _kept(
        self, entry: Entry, made: Callable[[tuple[Outcome, ...]], Outcome], most: int
    ) -> tuple[Outcome, tuple[Outcome, ...], bool]:
        """Write one outcome beside those that are there; return it, all, and whether it is new."""
        async with self._turns[hash(entry.id) % TURNS]:  # in this process nobody is in the way
            return await self._tried(entry, made, most)

    async def _tried(
        self, entry: Entry, made: Callable[[tuple[Outcome, ...]], Outcome], most: int
    ) -> tuple[Outcome, tuple[Outcome, ...], bool]:
        for _ in range(MOST_TRIES):
            paper = await self._papers.find(PaperKind.OUTCOME, entry.id)
            there = () if paper is None else read(paper)
            outcome = made(there)
            known = next((each for each in there if each.id == outcome.id), None)
            if known is not None:
                return known, there, False
            if len(there) >= most:
                raise TooManyOutcomes(f"{len(there)} outcomes of this decision are kept already.")
            there = (*there, outcome)
            written = await self._papers.write((_write(entry, there, paper),))
            if written is Written.DONE:
                self.told(outcome, entry)
                return outcome, there, True
        raise LedgerDown("The outcomes are changed by too many at once; send it again.")

    def _check_override(self, content: Content, entry: Entry, wanted: Tier | None) -> None:
        name = content.override
        if not name or name == HUMAN or wanted is not None:
            return
        judged = () if entry.decision is None else entry.decision.verdicts
        if name not in self._tiers and all(each.target != name for each in judged):
            raise MalformedBody(
                "override is the id of a target of the policy that decided, or of the one in force,"
                f" or {HUMAN}; GET /v1/models lists them."
            )


def may_judge(key: Key, entry: Entry) -> bool:
    """Whether a key may say how a decision did: of its own, or as who may decide in its tenant."""
    if key.debug or Right.DECIDE in key.rights or Right.ADMIN in key.rights:
        return key.tenant in {"", entry.tenant}
    return key.id != "" and key.id == entry.key


def check_judgeable(entry: Entry) -> None:
    """Check that there is something to judge.

    Raises:
        NothingToJudge: the call was refused, or got another's answer.
    """
    if entry.replayed:
        raise NothingToJudge(
            f"That call got the answer of {entry.replayed} again; say it of that decision."
        )
    if entry.decision is None:
        why = f" ({entry.code})" if entry.code else ""
        raise NothingToJudge(f"That call was refused{why} before anything was decided.")
    if not answerer(entry):
        raise NothingToJudge("That decision found no target, so no answer can be judged.")


def read(paper: Paper) -> tuple[Outcome, ...]:
    """Return the outcomes that a paper holds.

    Raises:
        LedgerDown: a newer release wrote it.
    """
    try:
        return outcomes_in(paper.body)
    except msgspec.MsgspecError:
        raise LedgerDown("What is kept there was written by a newer release.") from None


def tiers_in(document: bytes | None) -> Tiers:
    """Return the tiers of a policy as the ledger keeps it; none where it cannot be read."""
    try:
        policy = None if document is None else decode_policy(document)
    except msgspec.DecodeError:
        policy = None
    return {} if policy is None else {each.id: each.tier for each in policy.targets}


def _name(saying: Saying, content: Content, by: str, there: tuple[Outcome, ...]) -> str:
    """Return the id of what is said: as sent, else one that tells what is sent twice."""
    if saying.id is not None:
        return saying.id
    own = [each for each in there if each.source is saying.source and each.by == by]
    if own and said_before(content, own[-1]):
        return own[-1].id
    return name_of(content, saying.source, by, own[-1].id if own else "")


def _write(entry: Entry, outcomes: tuple[Outcome, ...], before: Paper | None) -> Write:
    revision, last = 1 if before is None else before.revision + 1, outcomes[-1]
    paper = Paper(
        kind=PaperKind.OUTCOME,
        id=entry.id,
        key=entry.key,
        tenant=entry.tenant,
        of=entry.task,
        made=entry.at,
        revision=revision,
        body=_encode(outcomes),
    )
    note = Note(id=last.id, at=last.at, revision=revision, body=_encode(last))
    return Write(paper=paper, notes=(note,))
