"""What operations make of a context: each is done by its entry's rule, all of them or none."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec

from switchgear.domain.context import (
    EMPTY,
    MOST_DOCUMENT,
    MOST_ENTRIES,
    MOST_VALUE,
    TRUSTED,
    Change,
    Deed,
    Document,
    Item,
    Merge,
    Operation,
    Origin,
    Snapshot,
    Sort,
    Source,
    Writer,
)
from switchgear.domain.errors import MalformedBody, NotAllowed
from switchgear.domain.target import Sensitivity
from switchgear.domain.units import UnixMs
from switchgear.engine.merge import MERGING, joined, settled, wrong

RANKS = {source: rank for rank, source in enumerate(TRUSTED)}
RULES = {Deed.APPEND: Merge.APPEND, Deed.ADD: Merge.SET_UNION, Deed.SUM: Merge.SUM}
"""What a new entry's rule is by the operation that makes it."""
ENDED = "end"
DIGEST_BYTES = 8

_encode = msgspec.json.Encoder(order="deterministic").encode


class Applied(msgspec.Struct, frozen=True, gc=False):
    """A document after a change, and what goes on its log."""

    document: Document
    changes: tuple[Change, ...]


class Clash(msgspec.Struct, frozen=True, gc=False):
    """Entries that are not as the writer takes them to be; nothing is changed."""

    keys: tuple[str, ...]
    why: str
    """Of the first, in words."""


class _Bench(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A document while it is worked on."""

    items: dict[str, Item]
    by: Writer
    revision: int
    """That it will have."""
    now: UnixMs


def apply(
    document: Document, operations: Sequence[Operation], by: Writer, revision: int, now: UnixMs
) -> Applied | Clash:
    """Do all operations in their order, or none.

    Shapes: ``revision`` is the one that the document will have.

    Raises:
        MalformedBody: a value is not what its operation takes, or there would be too much.
        NotAllowed: the writer may not say that a human did it.
    """
    bench = _Bench(
        items={each.key: each for each in document.items}, by=by, revision=revision, now=now
    )
    changes = _ended(bench)
    if (stale := _stale(bench, operations)) is not None:
        return stale
    for number, each in enumerate(operations):
        done = _done(bench, each)
        if isinstance(done, Clash):
            return done
        asked = digest_of(each) if each.id else ""
        place = len(changes)
        changes.append(
            Change(key=each.key, deed=each.op.value, item=done, place=place, asked=asked)
        )
        if done is None:
            bench.items.pop(each.key, None)
        else:
            _check_value(number, done)
            bench.items[each.key] = done
    found = Document(tuple(bench.items.values()))
    _check_size(found)
    return Applied(found, tuple(changes))


def current(document: Document, now: UnixMs) -> Document:
    """Return a document without what has ended."""
    if all(each.until is None or each.until > now for each in document.items):
        return document
    return Document(
        tuple([each for each in document.items if each.until is None or each.until > now])
    )


def seen_by(document: Document, revision: int, sensitivity: Sensitivity) -> Snapshot:
    """Return what of a document may be seen by who may see what is so sensitive."""
    return Snapshot(
        revision=revision,
        items=tuple([each for each in document.items if each.sensitivity <= sensitivity]),
        withheld=tuple([each.key for each in document.items if each.sensitivity > sensitivity]),
    )


def replayed(log: Iterable[tuple[int, Change]], revision: int) -> Document:
    """Return the document as it was at a revision.

    Shapes: each line of ``log`` comes with the revision that it led to; they are in order.
    """
    items: dict[str, Item] = {}
    for number, change in log:
        if number > revision:
            break
        if change.item is None:
            items.pop(change.key, None)
        else:
            items[change.key] = change.item
    return Document(tuple(items.values())) if items else EMPTY


def digest_of(operation: Operation) -> str:
    """Return a digest of what is asked for, by which the same is known again."""
    return blake2b(_encode(operation), digest_size=DIGEST_BYTES).hexdigest()


def least(sources: Iterable[Source]) -> Source:
    """Return the least trusted."""
    return max(sources, key=RANKS.__getitem__)


def _ended(bench: _Bench) -> list[Change]:
    over = [it for it in bench.items.values() if it.until is not None and it.until <= bench.now]
    for each in over:
        del bench.items[each.key]
    return [
        Change(key=each.key, deed=ENDED, item=None, place=place) for place, each in enumerate(over)
    ]


def _stale(bench: _Bench, operations: Sequence[Operation]) -> Clash | None:
    """Return the entries that are not at the revision that was said; all, not only the first."""
    there = {key: item.revision for key, item in bench.items.items()}
    found = [
        each
        for each in operations
        if each.revision is not None and each.revision != there.get(each.key, 0)
    ]
    if not found:
        return None
    first = found[0]
    why = f"{first.key!r} is at revision {there.get(first.key, 0)}, not at {first.revision}"
    return Clash(tuple(dict.fromkeys(each.key for each in found)), why)


def _done(bench: _Bench, asked: Operation) -> Item | Clash | None:
    """Return what an operation makes of its entry; None where that is gone."""
    item = bench.items.get(asked.key)
    if asked.op is Deed.PIN:
        if item is None:
            return Clash((asked.key,), f"{asked.key!r} is not there")
        return msgspec.structs.replace(item, pinned=asked.pinned is not False)
    guarded = _guarded(bench, asked, item)
    if asked.op is Deed.DELETE:
        return _unseen(asked.key) if guarded else None
    if asked.value is msgspec.UNSET:
        raise MalformedBody(f"{asked.key}: {asked.op.value} takes a value")
    if item is None:
        return _item(bench, asked, None, _new_value(asked))
    if asked.op is Deed.SET and (asked.revision is not None or item.merge not in MERGING):
        return _unseen(asked.key) if guarded else _item(bench, asked, item, asked.value)
    return _merged(bench, asked, item)


def _guarded(bench: _Bench, asked: Operation, item: Item | None) -> bool:
    """Whether an entry is overwritten only by who has seen it, and this writer has not said so."""
    unseen = item is not None and asked.revision is None and item.revision != bench.revision
    return unseen and item is not None and item.merge is Merge.ERROR


def _unseen(key: str) -> Clash:
    return Clash((key,), f"{key!r} is there already; name the revision that you have seen")


def _new_value(asked: Operation) -> object:
    return [asked.value] if asked.op in {Deed.APPEND, Deed.ADD} else asked.value


def _merged(bench: _Bench, asked: Operation, item: Item) -> Item | Clash:
    """Return an entry with what is written merged into it: nobody's part of it is lost."""
    rule = RULES.get(asked.op, item.merge)
    if asked.merge not in {None, item.merge} or (item.merge in MERGING and rule is not item.merge):
        return Clash((asked.key,), f"{asked.key!r} is merged by {item.merge.value}")
    if wrong(item.value, rule):
        return Clash((asked.key,), f"what is there under {asked.key!r} is no value for that")
    more = _new_value(asked)
    if fault := wrong(more, rule):
        raise MalformedBody(f"{asked.key}: {fault}")
    return _item(bench, asked, item, joined(item.value, more, rule), merged=True)


def _item(
    bench: _Bench, asked: Operation, item: Item | None, value: object, *, merged: bool = False
) -> Item:
    grounds = _grounds(bench, asked)
    behind = [*grounds, item] if merged and item is not None else grounds
    rule = asked.merge or (item.merge if item is not None else RULES.get(asked.op, Merge.ERROR))
    if fault := wrong(value, rule):
        raise MalformedBody(f"{asked.key}: {fault}")
    return Item(
        key=asked.key,
        type=asked.type or (item.type if item is not None else Sort.NOTE),
        value=settled(value, rule),
        revision=bench.revision,
        origin=_origin(bench, asked, grounds),
        trust=least([asked.source, *[each.trust for each in behind]]),
        sensitivity=max([_delicate(bench, asked), *[each.sensitivity for each in behind]]),
        until=_until(bench, asked, item if merged else None),
        pinned=_pinned(asked, item),
        merge=rule,
    )


def _grounds(bench: _Bench, asked: Operation) -> list[Item]:
    """Return the entries that a value was made from: it can be no better than they are."""
    missing = [key for key in asked.basis if key not in bench.items]
    if missing:
        raise MalformedBody(f"{asked.key}: from names {missing[0]!r}, and there is no such entry")
    return [bench.items[key] for key in asked.basis]


def _origin(bench: _Bench, asked: Operation, grounds: Sequence[Item]) -> Origin:
    by = bench.by
    if asked.source is Source.HUMAN and not by.human:
        raise NotAllowed("Only a key with rights: [admin] may say that a value is a human's.")
    return Origin(
        source=asked.source,
        agent=by.agent,
        key=by.key,
        decision=by.decision,
        at=bench.now,
        basis=tuple([(each.key, each.revision) for each in grounds]),
    )


def _delicate(bench: _Bench, asked: Operation) -> Sensitivity:
    """Return how delicate a value is by itself: never less than what its writer's key holds."""
    if asked.sensitivity is None:
        return bench.by.sensitivity
    return max(bench.by.sensitivity, Sensitivity[asked.sensitivity.upper()])


def _until(bench: _Bench, asked: Operation, old: Item | None) -> UnixMs | None:
    if asked.ttl is not None:
        return UnixMs(bench.now + round(asked.ttl * 1000))
    return None if old is None else old.until


def _pinned(asked: Operation, item: Item | None) -> bool:
    return asked.pinned if asked.pinned is not None else item is not None and item.pinned


def _check_value(number: int, item: Item) -> None:
    size = len(_encode(item.value))
    if size > MOST_VALUE:
        raise MalformedBody(
            f"operations[{number}]: the value of {item.key!r} would have {size} bytes, and may "
            f"have {MOST_VALUE}; keep it elsewhere, and an artifact_ref to it here"
        )


def _check_size(document: Document) -> None:
    count = len(document.items)
    if count > MOST_ENTRIES:
        raise MalformedBody(
            f"there would be {count} entries, and may be {MOST_ENTRIES}; delete some"
        )
    size = len(_encode(document))
    if size > MOST_DOCUMENT:
        raise MalformedBody(
            f"the context would have {size} bytes, and may have {MOST_DOCUMENT}; delete some"
        )
