"""What the database could not take, and waits in a journal until it can."""

import logging
import zlib
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from zlib import compress, decompress

import msgspec

from switchgear.adapters.ledgers.item import UNKEEPABLE, Item, KeptPolicy, taken_already
from switchgear.adapters.ledgers.journal import Journal
from switchgear.config.setup import WhenFull
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock

RETRY = Seconds(0.25)
"""How often the database is tried while it takes nothing."""
TELL_EVERY = Seconds(60.0)
"""How often a loss is logged."""

ENTRY, POLICY = b"e", b"p"
QUICK = 1
"""Level of compression: a row takes a third of its room for some 50 us."""
log = logging.getLogger("switchgear")
_pack = msgspec.msgpack.Encoder().encode
_entry = msgspec.msgpack.Decoder(Entry).decode
_policy = msgspec.msgpack.Decoder(KeptPolicy).decode


class Spilling(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of rows that the database cannot take."""

    journal: int = 0
    """Bytes of the journal; 0 for none."""
    when_full: WhenFull = WhenFull.REFUSE


class Spill:
    """Rows in the journal, and the same in memory so that they are found.

    The writer's thread is the only one that changes it; ``waiting`` may be read from any.
    """

    def __init__(self, database: Path, spilling: Spilling, clock: Clock, *, durable: bool) -> None:
        """Take up what an earlier process could not bring into the database."""
        self._when_full = spilling.when_full
        self._clock = clock
        self._journals = _claim(database, spilling.journal, durable=durable)
        self.waiting: dict[str, bytes] = {}
        """Records by key, oldest first."""
        self.lost = 0
        """Calls that were answered and are not on the ledger."""
        self.shut = False
        """The database took nothing when it was last tried."""
        self._told_at = self._tried_at = Seconds(float("-inf"))
        for journal in self._journals:
            for record in journal.left:
                self._take_up(record)

    def find(self, entry_id: str) -> Entry | None:
        """Return an entry that waits, as it will be found once it is in the database."""
        record = self.waiting.get(_key(ENTRY, entry_id))
        return None if record is None else _shown(record)

    def find_policy(self, version: str) -> bytes | None:
        """Return a policy that waits."""
        record = self.waiting.get(_key(POLICY, version))
        return None if record is None else _policy(decompress(record[1:])).document

    def entries(self) -> list[Entry]:
        """Return all entries that wait, oldest first."""
        records = list(self.waiting.values())
        return [_shown(it) for it in records if it[:1] == ENTRY]

    @property
    def due(self) -> bool:
        """Whether it is time to bring something into the database."""
        if not self.waiting:
            return False
        return not self.shut or self._clock.now() - self._tried_at >= RETRY

    @property
    def pause(self) -> Seconds | None:
        """How long the writer may wait for something else to do; None for ever."""
        if not self.waiting:
            return None
        return RETRY if self.shut else Seconds(0.0)

    def keep(self, items: Sequence[Item], why: LedgerDown) -> list[Exception | None]:
        """Keep what the database did not take because of ``why``; say what is wrong with each."""
        if self._journals and not self.shut:
            log.error("%s The journal takes the rows until it can be again.", why.message)
            self.refused()
        faults, records = self._packed(items)
        kept = iter(self._append([record for record in records if record]))
        for place, record in enumerate(records):
            if record and next(kept):
                self.waiting[_named(items[place])] = record
            elif record:
                faults[place] = self._full(items[place], why)
        return faults

    def next(self, most: int) -> list[Item]:
        """Return what has waited longest."""
        records = islice(self.waiting.values(), most)
        return [_item(it) for it in records]

    def taken(self, items: Iterable[Item]) -> None:
        """Take note that these are committed now."""
        self.shut = False
        for item in items:
            self.waiting.pop(_named(item), None)
        if not self.waiting:
            self._empty()

    def refused(self) -> None:
        """Take note that the database takes nothing now."""
        self.shut = bool(self._journals)
        self._tried_at = self._clock.now()

    def close(self) -> None:
        """Leave what waits to the next process."""
        for journal in self._journals:
            journal.close()

    def _packed(self, items: Sequence[Item]) -> tuple[list[Exception | None], list[bytes]]:
        """Return the records, empty where there is something wrong with the item."""
        faults: list[Exception | None] = []
        records: list[bytes] = []
        names: set[str] = set()
        for item in items:
            name, record = _named(item), b""
            fault: Exception | None
            if isinstance(item, Entry) and (name in names or name in self.waiting):
                fault = taken_already(item)
            else:
                record = _record(item)
                fault = None if record else LedgerDown(UNKEEPABLE)
            names.add(name)
            faults.append(fault)
            records.append(record)
        return faults, records

    def _append(self, records: list[bytes]) -> list[bool]:
        if not self._journals:
            return [False] * len(records)
        try:
            return self._journals[0].append(records)
        except OSError as error:
            log.error("the ledger's journal: %s", error.strerror)  # noqa: TRY400  (says it all)
            return [False] * len(records)

    def _full(self, item: Item, why: LedgerDown) -> LedgerDown | None:
        if self._when_full is WhenFull.REFUSE or not isinstance(item, Entry):
            return LedgerDown(why.message)
        self.lost += 1
        now = self._clock.now()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            log.error("%s Calls are answered without a row, %d so far.", why.message, self.lost)
        return None

    def _empty(self) -> None:
        try:
            for journal in self._journals:
                journal.empty()
        except OSError as error:  # what is still in it is known to be in the database later on
            log.error("the ledger's journal: %s", error.strerror)  # noqa: TRY400  (says it all)
        for journal in self._journals[1:]:
            journal.close()
        del self._journals[1:]
        log.info("the ledger takes rows again, and has those of the journal")

    def _take_up(self, record: bytes) -> None:
        try:
            item = _item(record)
        except (msgspec.MsgspecError, zlib.error):
            log.error("a row in the ledger's journal cannot be read, and is lost")  # noqa: TRY400  (says it all)
        else:
            self.waiting[_named(item)] = record


def _claim(database: Path, size: int, *, durable: bool) -> list[Journal]:
    if not size:
        return []
    try:
        return Journal.claim(database, size, durable=durable)
    except OSError as error:
        log.warning("the ledger has no journal: %s", error.strerror or error)
        return []


def _record(item: Item) -> bytes:
    """Return an item's bytes; none for a value that cannot be kept."""
    try:
        return (ENTRY if isinstance(item, Entry) else POLICY) + compress(_pack(item), QUICK)
    except (ValueError, OverflowError):
        return b""


def _item(record: bytes) -> Item:
    raw = decompress(record[1:])
    return _entry(raw) if record[:1] == ENTRY else _policy(raw)


def _shown(record: bytes) -> Entry:
    return msgspec.structs.replace(_entry(decompress(record[1:])), charges=())


def _named(item: Item) -> str:
    if isinstance(item, Entry):
        return _key(ENTRY, item.id)
    return _key(POLICY, item.version)


def _key(kind: bytes, name: str) -> str:
    return kind.decode() + name
