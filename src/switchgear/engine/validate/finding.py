"""What is wrong with a whole answer, among the things that its owner wants it checked for."""

from collections.abc import Iterable

import msgspec

from switchgear.domain.escalation import REFUSED, REPEATED, TRUNCATED, UNSURE
from switchgear.domain.event import Event, Finished, RefusalDelta, Stop, TextDelta
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.engine.validate.repetition import repeats

REFUSALS = frozenset({Stop.REFUSED, Stop.FILTERED})


class Heard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A whole answer, as far as it is checked."""

    flaw: str = ""
    """What its form was found to lack when it ended."""
    text: str = ""
    end: Finished
    refused: bool = False
    """Its target would not answer, or was not let."""
    most_output: Tokens | None = None
    """The output that we allowed it; None where we set no bound."""
    margin: float | None = None
    """How sure its target was; None where that is not known."""


def heard(events: Iterable[Event], flaw: str = "") -> Heard | None:
    """Return what an answer says; None when its events have no end."""
    words: list[str] = []
    end: Finished | None = None
    refused = False
    for event in events:
        if isinstance(event, TextDelta):
            words.append(event.text)
        elif isinstance(event, RefusalDelta):
            refused = True
        elif isinstance(event, Finished):
            end = event
    if end is None:
        return None
    refused = refused or end.stop in REFUSALS
    return Heard(flaw=flaw, text="".join(words), end=end, refused=refused)


def found(said: Heard, talk: Conversation, when: tuple[str, ...], margin: float) -> str:
    """Return the first of ``when`` that holds of an answer; empty when none does.

    Of a refusal nothing else is said: it is gone around only where its owner says so by name.
    """
    if said.refused:
        return REFUSED if REFUSED in when else ""
    if said.flaw:
        return said.flaw if said.flaw in when else ""
    if TRUNCATED in when and truncated(said, talk):
        return TRUNCATED
    if REPEATED in when and repeats(said.text):
        return REPEATED
    if UNSURE in when and said.margin is not None and said.margin < margin:
        return UNSURE
    return ""


def truncated(said: Heard, talk: Conversation) -> bool:
    """Whether an answer was cut short by its own target: not by what the caller or we allowed.

    Where its target does not tell what it wrote, a bound of anybody's is taken to be the reason.
    """
    if said.end.stop is not Stop.LENGTH:
        return False
    bounds = [each for each in (talk.max_output, said.most_output) if each is not None]
    if not bounds:
        return True
    usage = said.end.usage
    return usage is not None and 0 < usage.output < min(bounds)
