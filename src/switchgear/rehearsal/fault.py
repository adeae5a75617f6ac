"""One fault: what it is called, when it strikes, and what a caller may expect of the gateway."""

from collections.abc import Callable
from enum import Enum

import msgspec

from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.step import Steps

Act = Callable[[Ask, str], Steps]
"""Gets the request and the fault's argument."""


class Phase(Enum):
    """When it strikes."""

    NEVER = "never"
    CONNECT = "connect"
    """Before a request can be sent; it has an address of its own."""
    HEAD = "head"
    """Before an answer begins, or instead of it."""
    OPENING = "opening"
    """After the head, before any content."""
    CONTENT = "content"
    """In the middle of the content."""
    END = "end"
    """At the answer's end, or after it."""


class Expect(Enum):
    """What the caller gets, if there is another target and if there is none."""

    ANSWER = "answer"
    """The whole answer, from the same target."""
    FALLBACK = "fallback"
    """Another target's answer; one clean error where there is none."""
    RESCUE = "rescue"
    """What the policy's ``rescue`` says; one clean error where nobody can."""
    LARGER = "larger"
    """The answer of a target with a larger window; else the provider's reason."""
    PASSED_ON = "passed on"
    """The provider's reason, and no other target is asked."""
    FILTERED = "filtered"
    """The few words there were, and that a filter ended them."""
    TOLD = "told"
    """What the target said: that it is wrong shows in its quality."""
    BOUNDED = "bounded"
    """An answer or one clean error, in little memory."""


class Rhythm(Enum):
    """Which requests it strikes."""

    ALWAYS = "always"
    ONCE = "once"
    """The first of its model and scope."""
    HALF = "half"
    """Two in turn, then two not, and so on."""

    def strikes(self, number: int) -> bool:
        """Whether request ``number``, counted from 1, is struck."""
        if self is Rhythm.ONCE:
            return number == 1
        return self is Rhythm.ALWAYS or (number - 1) // 2 % 2 == 0


class Form(Enum):
    """How an answer comes."""

    STREAM = "stream"
    WHOLE = "whole"


BOTH = frozenset(Form)
STREAM_ONLY, WHOLE_ONLY = frozenset({Form.STREAM}), frozenset({Form.WHOLE})


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the catalogue."""

    name: str
    """What is asked for as a model; with the argument it has if none is said."""
    sentence: str
    phase: Phase
    expect: Expect
    whole: Expect | None = None
    """What is expected of a whole answer, where that differs."""
    forms: frozenset[Form] = BOTH
    """Elsewhere the target is healthy."""
    argument: str = ""
    """What stands after the name's last hyphen; empty when the fault takes none."""
    rhythm: Rhythm = Rhythm.ALWAYS
    spoils: bool = False
    """The connection must not be used again."""
    warm: bool = False
    """Strikes only on a connection that has served a request before."""
    act: Act

    @property
    def stem(self) -> str:
        """The name without its argument."""
        return self.name.removesuffix(f"-{self.argument}") if self.argument else self.name

    def expected(self, form: Form) -> Expect:
        """Return what is expected of an answer of this form."""
        if form not in self.forms:
            return Expect.ANSWER
        return self.whole if self.whole is not None and form is Form.WHOLE else self.expect


def row(
    name: str, phase: Phase, expect: Expect, act: Act, sentence: str, /, **more: object
) -> Fault:
    """Return a row of the catalogue."""
    made = Fault(name=name, sentence=sentence, phase=phase, expect=expect, act=act)
    return msgspec.structs.replace(made, **more)
