"""Learns everything anew, now and then, in a process of its own: the loop goes on serving calls."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import msgspec

from switchgear.domain.learning import Learning
from switchgear.domain.units import Seconds
from switchgear.engine.policy import Policy
from switchgear.engine.policydoc import encode_policy
from switchgear.engine.refit import Finding, Report, Study, refitted
from switchgear.pipeline.learning.harvest import Harvest, Span, Stores, harvested
from switchgear.pipeline.learning.version import Head, Versions
from switchgear.ports.clock import Clock

LONGEST = Seconds(600.0)
"""A refit may take."""
NICE = 10
CHILD = "from switchgear.pipeline.learning.refit import answer; answer()"
MOST_TOLD = 500
"""Letters of what a refit that failed says."""

Work = Callable[[bytes], Awaitable[bytes]]
"""A study as bytes to a finding as bytes."""
Shipped = Callable[[], bytes]
"""The prior as it is written; empty where there is none."""

_encode = msgspec.msgpack.Encoder().encode
_decode_study = msgspec.msgpack.Decoder(Study).decode
_decode_finding = msgspec.msgpack.Decoder(Finding).decode


BETWEEN = Seconds(60.0)
"""Refits, at least."""
SELDOM = Seconds(3_600.0)
"""Between refits for a promise alone, which there may be too few labels to keep."""


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for a refit."""

    labels: int
    """That came since the last."""
    first: bool = False
    """No version was ever made."""
    loud: bool = False
    """A key said far more than it may, now that others spoke."""
    unkept: bool = False
    """There is a promise for which no version was ever measured."""

    def is_due(self, learning: Learning, since: Seconds) -> bool:
        """Whether it is time, so long after the last refit was begun."""
        if since < BETWEEN:
            return False
        if self.first:
            return self.labels >= learning.min_labels
        many = 0 < learning.refit_labels <= self.labels
        late = 0 < learning.refit_every <= since and self.labels > 0
        return many or late or self.loud or (self.unkept and since >= SELDOM)


class RefitFailed(Exception):
    """It could not be done; the message says why, and what is in force stays so."""


class Refit(msgspec.Struct, frozen=True):
    """What came of one."""

    name: str
    """Of the version that was made; empty where another was quicker."""
    report: Report


class Refits:
    """One at a time over all processes that share the store."""

    def __init__(
        self, books: Stores, clock: Clock, work: Work | None = None, prior: Shipped = bytes
    ) -> None:
        """Take where calls and outcomes are kept, how a study is done, and what fits begin from."""
        self._books = books
        self._clock = clock
        self._work = work or apart
        self._prior = prior
        self.versions = Versions(books[1], clock)

    async def run(self, learning: Learning, policy: Policy) -> Refit | None:
        """Learn anew from what there is, and switch it on if it is better; None: another does.

        Raises:
            RefitFailed: it could not be done.
            ValueError: what is in force is another release's, or damaged.
            LedgerDown: something could not be read or kept.
        """
        head, revision = await self.versions.head()
        leased = await self.versions.lease(head, revision)
        if not leased:
            return None
        try:
            harvest, study = await self._study(head, learning, policy)
            finding = _decode_finding(await self._work(_encode(study)))
        except BaseException:
            await asyncio.shield(self.versions.release(head, leased))
            raise
        if not finding.report.held:  # too little to make anything of: nothing to keep
            await self.versions.release(head, leased)
            return Refit("", finding.report)
        name = await self.versions.keep(finding, head, leased, harvest.at)
        return Refit(name, finding.report)

    async def _study(self, head: Head, learning: Learning, policy: Policy) -> tuple[Harvest, Study]:
        tiers = {each.id: each.tier for each in policy.targets}
        now = self._clock.date()
        harvest = await harvested(self._books, learning, tiers, Span(now))
        before, through = b"", head.since
        if head.current:
            before = await self.versions.body(head.current)
            version = await self.versions.find(head.current)
            through = head.since if version is None else version.through
        prior = await asyncio.to_thread(self._prior) if learning.prior else b""
        return harvest, Study(
            said=harvest.said,
            cases=harvest.cases,
            policy=encode_policy(policy),
            before=before,
            through=through,
            learning=learning,
            prior=prior,
            now=now,
        )


async def apart(study: bytes) -> bytes:
    """Do a study in a process of its own, which lets all others go first.

    Raises:
        RefitFailed: it ended badly, or took too long.
    """
    if not sys.executable:
        return await here(study)
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(LONGEST):
            found, said = await child.communicate(study)
    except TimeoutError:
        raise RefitFailed(f"it took longer than {LONGEST:g} s") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise RefitFailed(last[:MOST_TOLD] or f"its process ended with {child.returncode}")
    return found


async def here(study: bytes) -> bytes:
    """Do a study in a thread of this process."""
    return await asyncio.to_thread(done, study)


def done(study: bytes) -> bytes:
    """Return what a study comes to.

    Raises:
        RefitFailed: it cannot be done.
    """
    try:
        return _encode(refitted(_decode_study(study)))
    except ValueError as error:
        raise RefitFailed(str(error)) from error


def answer() -> None:
    """Be the process that does a study: read it, and write what it comes to."""
    os.nice(NICE)
    sys.stdout.buffer.write(done(sys.stdin.buffer.read()))
