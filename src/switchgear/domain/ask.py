"""What the engine may know of a call: facts, never the text itself."""

from enum import Enum

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Capability, Sensitivity, Tier
from switchgear.domain.units import Tokens


class Step(Enum):
    """What an agent is doing with this call."""

    USER_TURN = "user_turn"
    TOOL_RESULT = "tool_result"
    CONTINUATION = "continuation"
    """The last turn is the assistant's own: a prefill."""


class Counts(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """How many characters of each class a call's text has; of a long one, as its sample tells.

    It is stored by place: fields are only ever added at the end.
    """

    lower: int = 0
    upper: int = 0
    numerals: int = 0
    gaps: int = 0
    """Of white space; a run of blanks counts as half as many."""
    marks: int = 0
    """All else of ASCII."""
    accented: int = 0
    """Up to U+07FF: letters with accents, Greek, Cyrillic, Hebrew, Arabic."""
    ideographs: int = 0
    """Above that: Chinese, Japanese, Korean, Indic scripts, emoji."""
    mixed: int = 0
    """Capitals in text with hardly a gap, such as base64: beyond one for each gap."""
    tool_chars: int = 0
    """Of the tools offered, which are in no other class."""
    known: bool = False
    """They were counted; rows of older releases have none."""


UNCOUNTED = Counts()


class Shape(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What can be counted in a conversation. Counts of characters are Unicode code points."""

    chars: int
    """Of all text, tool arguments and tool schemas."""
    turns: int
    tools: int
    """Offered."""
    images: int
    documents: int
    last_chars: int
    """Of the text in the last user turn; 0 when it holds only tool results."""
    system_chars: int
    code: bool
    """The last user turn holds code."""
    maths: bool
    """The last user turn holds formulas or sums."""
    digits: int
    """In the last user turn."""
    constraints: int
    """Different words of obligation in the last user turn: must, only, without …"""
    questions: int
    """Question marks in the last user turn."""
    steps: int
    """Listed items, and different words of sequence, in the last user turn."""
    wide: bool = False
    """The last user turn is mostly written in other letters than ASCII's."""
    counts: Counts = UNCOUNTED
    """Of all text, by which its tokens are estimated."""


class Ask(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One call, as far as choosing a target goes. It is stored on the ledger, for replay."""

    model: str
    """What the caller asked for: an alias, a target id, or ``provider/model``."""
    dialect: Dialect
    stream: bool
    step: Step
    shape: Shape
    input_tokens: Tokens
    """Our estimate."""
    max_output: Tokens | None
    """What the caller allows; None when it named no limit."""
    needs: frozenset[Capability]
    """What a target must be able to do to serve the call at all."""
    system_digest: str = ""
    """Of the system turns; calls of one agent share it."""
    tools_digest: str = ""
    """Of the tools offered."""
    held: str = ""
    """Target id that the task is in a tool loop with, or whose provider holds what was said so far;
    empty when none."""
    floor: Tier | None = None
    """The least tier that the caller asks for."""
    key: str = ""
    """Id of the key that authorised the call; empty on an open server."""
    tenant: str = ""
    agent: str = ""
    task: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    """Sorted pairs; the key's win over the caller's. Only those that some rule reads."""
    regions: frozenset[str] = frozenset()
    """Where the data may be handled; empty means anywhere."""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    allow: frozenset[str] = frozenset()
    """Target ids that the key may use; empty means all."""
    tiers: frozenset[Tier] = frozenset()
    """Tiers of the targets that the key may use; empty means all."""
    unfit: tuple[tuple[str, str], ...] = ()
    """Tool targets whose arguments were not found or do not fit, each with what is wrong."""
    draw: float = 0.0
    """One uniform draw from [0, 1), for strategies that leave something to chance."""
    ceiling: Tier | None = None
    """The highest tier that its task may still use; None for any."""
    first: tuple[str, ...] = ()
    """Target ids that its task wants tried before all others."""
    beyond: bool = False
    """Those may serve it whatever was asked for: the owner named them for this."""
    task_name: str = ""
    """What its caller calls the task; empty where that was inferred."""
    task_step: int = 0
    """Which call of its task it is, from 1; 0 where no task is known."""
    service: str = ""
    """The service tier asked for, one of SERVICES; empty for the standard."""
    grams: bytes = b""
    """Hashes of the words and pairs of words of the last user turn, two bytes each, for what learns
    from outcomes; empty where nothing does. No word can be read from them."""
    warm: str = ""
    """Target id that served its conversation so far, whose provider may have that in its prompt
    cache; empty where it begins with this call, or where ``held`` says more."""
