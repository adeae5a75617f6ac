"""A task's context: what its agents know together, entry by entry, and where each came from."""

from enum import Enum
from typing import Annotated, Any, Literal

import msgspec

from switchgear.domain.target import Sensitivity
from switchgear.domain.units import UnixMs

MOST_ENTRIES = 500
MOST_VALUE = 16_384
"""Bytes of one value, as JSON."""
MOST_DOCUMENT = 524_288
"""Bytes of one document, as JSON."""
MOST_KEY = 200
"""Letters of a key."""
MOST_OPERATIONS = 100
"""Of one change."""
LONGEST_TTL = 31_536_000
"""Seconds: a year."""


class Sort(Enum):
    """What an entry is. The value is what callers say."""

    FACT = "fact"
    DECISION = "decision"
    CONSTRAINT = "constraint"
    ARTIFACT_REF = "artifact_ref"
    """Where something is that is too large to be here."""
    OPEN_QUESTION = "open_question"
    PLAN_ITEM = "plan_item"
    NOTE = "note"


class Merge(Enum):
    """What becomes of a value that is set by who does not say which revision it has seen."""

    ERROR = "error"
    """It is a conflict, unless there is no entry yet."""
    LWW = "lww"
    """The last writer wins."""
    APPEND = "append"
    """Lists are put behind one another, in the order in which they come."""
    SET_UNION = "set_union"
    """Lists are sets: each member is there once, in the order of its JSON."""
    SUM = "sum"
    """Numbers are added."""


class Source(Enum):
    """Who a value comes from, the most trusted first. An entry's trust is one of these too."""

    HUMAN = "human"
    """A person who answers for it: only an admin's key says so."""
    USER = "user"
    """Whom the agent works for."""
    TOOL = "tool"
    MODEL = "model"
    """A model's words, with nothing to show for them."""


TRUSTED = tuple(Source)
"""From the most to the least."""


class Deed(Enum):
    """What an operation does. The value is what callers say."""

    SET = "set"
    APPEND = "append"
    """Put one more at the end of a list."""
    ADD = "add"
    """Put one more into a set."""
    SUM = "sum"
    """Add a number."""
    DELETE = "delete"
    PIN = "pin"
    """Hold it at the top of what is put into calls; ``pinned: false`` lets it go."""


SensitivityName = Literal["public", "internal", "confidential", "restricted"]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_KEY)]
Short = Annotated[str, msgspec.Meta(max_length=200)]


class Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change that is asked for, as callers write it."""

    key: Key
    op: Deed = Deed.SET
    value: Any = msgspec.UNSET
    """Any JSON; of ``delete`` and ``pin`` none."""
    revision: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """That the entry must be at; 0 for one that must not be there. None leaves it to its rule."""
    id: Short = ""
    """The caller's own: the same is never done twice. Empty for none."""
    type: Sort | None = None
    """None keeps what it is; of a new entry that is ``note``."""
    source: Source = Source.MODEL
    basis: Annotated[tuple[Key, ...], msgspec.Meta(max_length=50)] = msgspec.field(
        default=(), name="from"
    )
    """Keys of the entries that it was made from: it is trusted no more than they are."""
    sensitivity: SensitivityName | None = None
    """None is the writing key's, below which it never is."""
    ttl: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_TTL)] | None = None
    """Seconds until it ends; None for never."""
    pinned: bool | None = None
    """None keeps it as it is."""
    merge: Merge | None = None
    """The entry's rule; None keeps it, and of a new entry that is ``error``."""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a change."""

    key: str = ""
    """Id of the key."""
    agent: str = ""
    decision: str = ""
    """Id of the call whose answer the values come from; empty for none."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    """How delicate what the key's calls hold may be."""
    human: bool = False
    """It may say that a value comes from a human."""


class Origin(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where the value of an entry comes from."""

    source: Source
    agent: str = ""
    key: str = ""
    decision: str = ""
    at: UnixMs
    basis: tuple[tuple[str, int], ...] = ()
    """The entries that it was made from, with their revisions then."""


class Item(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One entry of a context."""

    key: str
    type: Sort = Sort.NOTE
    value: Any = None
    revision: int
    """Of the document, at which it got its value."""
    origin: Origin
    trust: Source
    """The least of all that its value came from."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    until: UnixMs | None = None
    """When it ends; None for never."""
    pinned: bool = False
    merge: Merge = Merge.ERROR


class Document(msgspec.Struct, frozen=True, gc=False):
    """All entries of one context, in the order in which they were made."""

    items: tuple[Item, ...] = ()

    def find(self, key: str) -> Item | None:
        """Return the entry of a key."""
        return next((each for each in self.items if each.key == key), None)


EMPTY = Document()


class Change(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was done to one entry, and what that led to."""

    key: str
    deed: str
    """An operation's, or ``end`` of one whose time was over."""
    item: Item | None
    """The entry as it was then; None once it was gone."""
    place: int = 0
    """Among the changes that led to the same revision."""
    asked: str = ""
    """A digest of what was asked for, where that had an id."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a context's log."""

    revision: int
    """That it led to, of the document."""
    at: UnixMs
    change: Change


class Asked(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A change that is asked for."""

    operations: tuple[Operation, ...]
    match: int | None = None
    """Revision that the whole document must be at; None for any."""


class Done(msgspec.Struct, frozen=True, gc=False):
    """A change that was made, perhaps long ago."""

    revision: int
    """Of the document."""
    lines: tuple[Line, ...]
    """One for each operation."""


class Snapshot(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A context as it was at one moment, as far as somebody may see it."""

    revision: int = 0
    """Of the document; 0 where nothing has been written."""
    items: tuple[Item, ...] = ()
    """In the order in which they were made."""
    withheld: tuple[str, ...] = ()
    """Keys of entries that are more sensitive than the one who asks."""
