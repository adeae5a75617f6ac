"""Decides past calls again, page by page."""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.stretch import WHOLE, Part
from switchgear.cli.history import History, Wanted, open_history
from switchgear.cli.papers import open_store
from switchgear.cli.shelf import carried_out, refuse
from switchgear.config.document import MAX_BYTES
from switchgear.config.error import ConfigError, Finding
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.entry import Entry
from switchgear.domain.learning import Learning
from switchgear.domain.odds import Odds
from switchgear.domain.units import UnixMs
from switchgear.engine.condition import BadCondition, compile_conditions
from switchgear.engine.policy import Conditions
from switchgear.engine.whatif.again import OddsOf, Replayer, differences
from switchgear.engine.whatif.case import Comparing, case_of
from switchgear.engine.whatif.outlook import Forecast
from switchgear.engine.whatif.recount import Recount
from switchgear.engine.whatif.report import Report
from switchgear.pipeline.learning.mind import Mind
from switchgear.pipeline.learning.version import Versions

CURRENT = "current"
EXAMPLES = 10
"""Decisions named that did not come out alike."""
MOST_FINDINGS = 20
MANY = 20_000
"""Calls from which on it pays to start further processes."""
MOST_HANDS = 8
"""Processes."""

Place = tuple[str, Path | None, Path | None]
"""A version of what was learnt, and the ledger and config where it is kept."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay."""

    version: str
    """Of the policy that was tried."""
    brain: str = ""
    """Whose chances were taken; empty for those that were kept with each call."""
    since: UnixMs
    until: UnixMs
    report: Report
    unknown: int = 0
    """Calls whose own policy cannot be read any more."""
    unkept: tuple[tuple[str, int], ...] = ()
    """Metadata that the new rules read and that was not kept, each with the calls it is about."""


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """What came of deciding each call under its own policy."""

    alike: int = 0
    other: int = 0
    """They did not come out as they were kept."""
    unknown: int = 0
    """Their own policy cannot be read any more."""
    unread: int = 0
    undecided: int = 0
    examples: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Decisions that came out otherwise, each with the fields that do."""


def policy_in(file: Path) -> Setup:
    """Return what a config file comes to, or exit with 2 and say what is wrong with it."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")
    try:
        return read_setup(content, os.environ, SystemClock().date()).setup
    except ConfigError as error:
        told = "\n".join(_line(file, each) for each in error.findings[:MOST_FINDINGS])
        refuse(f"{told}\n{file} holds no policy that could go live; `switchgear check` says more.")


class Portion(msgspec.Struct, frozen=True):
    """What came of some of the calls."""

    recount: Recount
    judges: Counter[str]
    """Calls by the version of the policy that judged them."""


class Job(msgspec.Struct, frozen=True):
    """Some of the calls, for a process of its own."""

    calls: Wanted
    policy: Path
    learnt: Place
    part: Part


def replayed(history: History, calls: Wanted, file: Path, learnt: Place) -> Replayed:
    """Decide the calls that are wanted under another policy, and compare.

    Many are decided by several processes at once.

    Raises:
        LedgerDown: they cannot be read any more.
    """
    setup = policy_in(file)
    hands = os.cpu_count() or 1
    if hands > 1 and history.count(calls) == calls.most:
        hands = 1  # those that are left out may be in any part
    if hands == 1 or history.count(calls) < MANY:
        found = portion(history, calls, setup, (learnt, WHOLE))
    else:
        found = _shared(calls, file, learnt, min(hands, MOST_HANDS))
    judges = found.judges
    unknown = sum(n for each, n in judges.items() if history.policy(each) is None)
    return Replayed(
        version=setup.policy.version,
        brain=learnt[0],
        since=calls.since,
        until=calls.until,
        report=found.recount.report(),
        unknown=unknown,
        unkept=_unkept(history, judges, setup.policy.metadata),
    )


def portion(history: History, calls: Wanted, setup: Setup, of: tuple[Place, Part]) -> Portion:
    """Decide some of the calls again, and compare."""
    learnt, part = of
    policy, recount = setup.policy, Recount()
    replayer = Replayer(policy, setup.conditions, odds_by(learnt, setup))
    by = Comparing(replayer, Forecast(policy), history.older)
    judges: Counter[str] = Counter()
    for stretch in history.stretches(calls, part):
        recount.unread(stretch.unread)
        for entry in stretch.entries:
            version = "" if entry.decision is None else entry.decision.policy
            again = replayer.again(entry) if version else None
            if again is None:
                recount.undecided()
                continue
            judges[version] += 1
            recount.add(case_of(entry, again, history.label(entry), by))
    return Portion(recount, judges)


def worked(job: Job) -> Portion:
    """Be the process that decides some of the calls."""
    _, ledger, config = job.learnt
    history = open_history(ledger, config, job.calls)
    try:
        return portion(history, job.calls, policy_in(job.policy), (job.learnt, job.part))
    finally:
        history.close()


def _shared(calls: Wanted, file: Path, learnt: Place, hands: int) -> Portion:
    jobs = [Job(calls, file, learnt, Part(number, hands)) for number in range(hands)]
    whole = Portion(Recount(), Counter())
    with ProcessPoolExecutor(hands, get_context("spawn")) as pool:
        for each in pool.map(worked, jobs):
            whole.recount.merge(each.recount)
            whole.judges.update(each.judges)
    return whole


def same(history: History, calls: Wanted) -> Same:
    """Decide each call under its own policy, and count those that come out otherwise.

    Raises:
        LedgerDown: they cannot be read any more.
    """
    counts = {"alike": 0, "other": 0, "unknown": 0, "unread": 0, "undecided": 0}
    examples: list[tuple[str, tuple[str, ...]]] = []
    compiled: dict[str, Conditions | None] = {}
    for stretch in history.stretches(calls):
        counts["unread"] += stretch.unread
        for entry in stretch.entries:
            what, fields = _alike(history, compiled, entry)
            counts[what] += 1
            if fields and len(examples) < EXAMPLES:
                examples.append((entry.id, fields))
    return Same(**counts, examples=tuple(examples))


def odds_by(learnt: Place, setup: Setup) -> OddsOf:
    """Return who knows the chances of a call: what was kept with it, or a version by its name."""
    name, ledger, config = learnt
    if not name:
        return _kept
    mind = carried_out(_mind(name, ledger, config, setup))

    def odds(entry: Entry) -> Odds:
        chances = () if entry.ask is None else mind.chances(entry.ask)
        kept = entry.odds
        return Odds(
            version=mind.name,
            chances=chances,
            bars=mind.bars,
            purse=kept.purse,
            rate=kept.rate,
        )

    return odds


def _kept(entry: Entry) -> Odds:
    return entry.odds


async def _mind(name: str, ledger: Path | None, config: Path | None, setup: Setup) -> Mind:
    papers = open_store(ledger, config)
    versions = Versions(papers, SystemClock())
    try:
        known = (await versions.head())[0].current if name == CURRENT else name
        version = await versions.find(known) if known else None
        if version is None:
            refuse(f"There is no version {known or name!r} of what was learnt.")
        mind = Mind()
        mind.expect(Learning(), setup.policy)
        mind.begin(known, await versions.model(known), version.report.bars, version.through)
    except ValueError as error:
        refuse(f"The version {name!r} of what was learnt cannot be used: {error}.")
    finally:
        await papers.aclose()
    return mind


def _alike(
    history: History, compiled: dict[str, Conditions | None], entry: Entry
) -> tuple[str, tuple[str, ...]]:
    if entry.ask is None or entry.decision is None:
        return "undecided", ()
    version = entry.decision.policy
    policy = history.policy(version)
    if version not in compiled:
        try:
            compiled[version] = None if policy is None else compile_conditions(policy.rules)
        except BadCondition:
            compiled[version] = None
    conditions = compiled[version]
    if policy is None or conditions is None:
        return "unknown", ()
    fields = differences(entry, policy, conditions) or ()
    return ("other", fields) if fields else ("alike", ())


def _unkept(
    history: History, judges: Counter[str], wanted: frozenset[str]
) -> tuple[tuple[str, int], ...]:
    """Return the metadata that no call under some older policy was kept with."""
    found: dict[str, int] = {}
    for version, calls in judges.items():
        policy = history.policy(version)
        for name in wanted - (frozenset() if policy is None else policy.metadata):
            found[name] = found.get(name, 0) + calls
    return tuple(sorted(found.items()))


def _line(file: Path, finding: Finding) -> str:
    place = f"{file}:{finding.line}:{finding.column}" if finding.line else str(file)
    return f"{place}: {finding.told} [{finding.code}]"
