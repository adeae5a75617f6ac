"""Reads what is kept of past calls: rows in their order, what was said of them, who judged them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from switchgear.adapters.ledgers.stretch import WHOLE, Part, Stretch
from switchgear.cli.filter import BadFilter, moment
from switchgear.cli.papers import open_store
from switchgear.cli.remote import Readable
from switchgear.cli.shelf import carried_out, open_shelf, refuse
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.engine.outcome import NO_TIERS, Label, Tiers, label_of, labels_of
from switchgear.engine.policy import Policy
from switchgear.engine.policydoc import decode_policy
from switchgear.engine.whatif.case import Targets
from switchgear.pipeline.learning.gathering import Said, said_since
from switchgear.ports.ledger import MOST_ROWS, Query

MOST_POLICIES = 256
"""Of old, that are kept in mind; calls under further ones count as of an unknown policy."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are read."""

    since: UnixMs
    until: UnixMs
    route: str = ""
    """The name that was asked for."""
    tenant: str = ""
    most: int


def wanted(times: tuple[str, str], route: str, tenant: str, most: int, now: UnixMs) -> Wanted:
    """Return which calls are meant, or exit with 2 and say what is wrong."""
    since, until = times
    try:
        begin, end = moment(since, now), moment(until, now) if until else UnixMs(now + 1)
    except BadFilter as error:
        refuse(str(error))
    if begin >= end or begin < 0:
        refuse("Nothing lies between these moments: --since comes before --until.")
    return Wanted(since=begin, until=end, route=route, tenant=tenant, most=most)


class History:
    """Past calls, oldest first."""

    older: Targets
    """Those of the policies that were met."""

    def __init__(self, shelf: Readable, said: Said) -> None:
        """Take the rows, and what was said of them."""
        self.older = {}
        self.policies: dict[str, Policy | None] = {}
        """Those that were met, by version; None where one cannot be read."""
        self._shelf = shelf
        self._said = said
        self._tiers: dict[str, Tiers] = {}

    def count(self, calls: Wanted) -> int:
        """Return how many calls are wanted, and there."""
        return min(calls.most, self._shelf.count(self._query(calls, 1)))

    def stretches(self, calls: Wanted, part: Part = WHOLE) -> Iterator[Stretch]:
        """Return the calls that are wanted, a page at a time."""
        left = calls.most
        for stretch in self._shelf.stretches(self._query(calls, min(MOST_ROWS, left)), part):
            yield msgspec.structs.replace(stretch, entries=stretch.entries[:left])
            left -= len(stretch.entries) + stretch.unread
            if left <= 0:
                return

    def label(self, entry: Entry) -> Label | None:
        """Return what is believed of a call's answer."""
        version = "" if entry.decision is None else entry.decision.policy
        if version not in self._tiers:
            self.policy(version)
        tiers = self._tiers.get(version, NO_TIERS)
        return label_of(self._said.get(entry.id, ()), entry, tiers)

    def labels(self, entry: Entry, tiers: Tiers) -> tuple[Label, ...]:
        """Return what is believed of each target that had a part in a call."""
        said = self._said.get(entry.id)
        return () if said is None else labels_of(said, entry, tiers)

    def newest(self, calls: Wanted) -> Entry | None:
        """Return the newest call with a decision, of the thousand newest."""
        page = self._shelf.page(self._query(calls, MOST_ROWS))
        return next((each for each in page if each.decision is not None), None)

    def policy(self, version: str) -> Policy | None:
        """Return a policy that was in force once; None where it cannot be read."""
        if version not in self.policies and len(self.policies) < MOST_POLICIES:
            document = self._shelf.find_policy(version) if version else None
            found = None if document is None else _decoded(document)
            self.policies[version] = found
            if found is not None:
                self._tiers[version] = {each.id: each.tier for each in found.targets}
                for target in found.targets:
                    self.older.setdefault(target.id, target)
        return self.policies.get(version)

    def any_at_all(self) -> bool:
        """Whether there is a row on the ledger."""
        return bool(self._shelf.ids("", 1))

    def _query(self, calls: Wanted, limit: int) -> Query:
        return Query(
            since=calls.since,
            until=calls.until,
            model=calls.route,
            tenant=calls.tenant or None,
            limit=limit,
        )

    def close(self) -> None:
        """Let go of the ledger."""
        self._shelf.close()


def open_history(ledger: Path | None, config: Path | None, calls: Wanted) -> History:
    """Return what is kept, or exit with 2 and say why it cannot be read."""
    shelf = open_shelf(ledger, config)
    papers = open_store(ledger, config)

    async def look() -> Said:
        try:
            return await said_since(papers, calls.since, calls.tenant)
        finally:
            await papers.aclose()

    return History(shelf, carried_out(look()))


def _decoded(document: bytes) -> Policy | None:
    try:
        return decode_policy(document)
    except (msgspec.DecodeError, ValueError):
        return None  # of another release
