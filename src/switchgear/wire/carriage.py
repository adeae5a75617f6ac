"""What becomes of each feature between a caller's dialect and a target's: found by trying.

A request is written in the caller's dialect and read as the gateway reads it, written for the
target, and read back. An answer goes the other way. What is then not the same must have been named
as dropped, or be a change that is told here; all else would be lost silently.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.event import Event, ThinkingDelta, ThinkingSigned
from switchgear.domain.turn import Conversation, Thinking
from switchgear.wire.change import ANSWER_CHANGES, ANSWER_DROPS, REQUEST_CHANGES
from switchgear.wire.specimen import PLAINLY, SPECIMENS, Specimen, parts_of, posed
from switchgear.wire.tongue import Tongue
from switchgear.wire.utterance import UTTERANCES, WORDS, Utterance, ended

DECISION = "sg_01k7b2c3d4e5f6g7h8j9k0m1n2"
MODELS = {
    Dialect.OPENAI_CHAT: ("gpt-5",),
    Dialect.OPENAI_RESPONSES: ("gpt-5",),
    Dialect.ANTHROPIC_MESSAGES: ("claude-opus-4-6", "claude-sonnet-4-5"),
    Dialect.GEMINI: ("gemini-2.5-pro",),
    Dialect.BEDROCK_CONVERSE: ("anthropic.claude-opus-4-6-v1", "openai.gpt-oss-120b-1:0"),
}
"""What a model takes differs also within a dialect: a caller may ask for any of these, a target is
the first."""


class Fate(Enum):
    """What becomes of a feature. The value is what tables say."""

    CARRIED = "carried"
    """It is the same on the other side."""
    CHANGED = "changed"
    """It is there in another form."""
    DROPPED = "dropped"
    """It is gone, and said to be: of requests in ``x-switchgear-dropped``, of answers here."""
    ABSENT = "absent"
    """Whoever would have to say it has no words for it."""
    LOST = "lost"
    """It is gone, and nobody says so: a defect."""


class Carriage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one feature."""

    feature: str
    fate: Fate
    how: str = ""
    """Names of what was dropped, or how it was changed."""


def carry_requests(caller: Tongue, target: Tongue) -> Iterator[Carriage]:
    """Yield what becomes of each feature of a request."""
    return (carry_request(specimen, caller, target) for specimen in SPECIMENS)


def carry_answers(target: Tongue, caller: Tongue) -> Iterator[Carriage]:
    """Yield what becomes of each feature of an answer; the worse of whole and stream."""
    for each in UTTERANCES:
        whole, stream = (carry_answer(each, target, caller, stream=it) for it in (False, True))
        yield max(whole, stream, key=lambda found: list(Fate).index(found.fate))


def carry_request(specimen: Specimen, caller: Tongue, target: Tongue) -> Carriage:
    """Return what becomes of one feature of a request."""
    asked = heard(specimen, caller, target)
    if asked is None:
        return Carriage(feature=specimen.name, fate=Fate.ABSENT)
    value, blank = specimen.look(asked), specimen.look(_through(PLAINLY, target))
    raw, names = _write(asked, target)
    after = specimen.look(target.parse(raw).conversation)
    if after == value:
        return Carriage(feature=specimen.name, fate=Fate.CARRIED)
    gone = not after or after == blank
    if names:
        fate = Fate.DROPPED if gone else Fate.CHANGED
        return Carriage(feature=specimen.name, fate=fate, how=", ".join(names))
    change = REQUEST_CHANGES.get((specimen.name, target.dialect))
    if change is not None:
        return Carriage(feature=specimen.name, fate=Fate.CHANGED, how=change)
    return _lost(specimen.name, value, after)


def carry_answer(each: Utterance, target: Tongue, caller: Tongue, *, stream: bool) -> Carriage:
    """Return what becomes of one feature of an answer."""
    said = spoken(each.events, target, stream=stream)
    value, nothing = each.look(said), each.look(spoken(ended(), target, stream=stream))
    if not value or (value == nothing and each.name not in ALWAYS):
        return Carriage(feature=each.name, fate=Fate.ABSENT)
    after = each.look(spoken(said, caller, stream=stream))
    if after == value:
        return Carriage(feature=each.name, fate=Fate.CARRIED)
    place = (each.name, caller.dialect)
    for fate, told in ((Fate.CHANGED, ANSWER_CHANGES), (Fate.DROPPED, ANSWER_DROPS)):
        if place in told:
            return Carriage(feature=each.name, fate=fate, how=told[place])
    return _lost(each.name, value, after)


ALWAYS = frozenset(
    ("words", "stop: end", "model", "id of the answer", "usage: input", "usage: output")
)
"""What every answer has, so that none can be compared that has it not."""


def heard(specimen: Specimen, caller: Tongue, target: Tongue) -> Conversation | None:
    """Return the specimen as a caller can say it; None where its dialect has no words for it."""
    asked = posed(specimen, caller.dialect, target.dialect)
    thoughts = [it for it in parts_of(asked, Thinking) if isinstance(it, Thinking)]
    if thoughts:  # callers only send back what an answer gave them
        return asked if all(_gives(it, caller) for it in thoughts) else None
    ways = (_through(asked, caller, model) for model in MODELS[caller.dialect])
    return next((it for it in ways if specimen.look(it) == specimen.look(asked)), None)


def _gives(thought: Thinking, caller: Tongue) -> bool:
    """Say whether an answer in this dialect can have such thinking."""
    signed = ThinkingSigned(thought.signature, thought.redacted, thought.origin)
    said = (ThinkingDelta(thought.text),) if thought.text else ()
    raw = caller.write_whole(DECISION, ended(*said, *((signed,) if thought.origin else ()), *WORDS))
    return (thought.redacted or thought.signature or thought.text).encode() in raw


def spoken(
    events: Sequence[Event], tongue: Tongue, *, stream: bool, decision: str = DECISION
) -> Sequence[Event]:
    """Return an answer's events after they were written in a dialect, and read back."""
    if not stream:
        return tongue.read_whole(tongue.write_whole(decision, events))
    asked = msgspec.structs.replace(PLAINLY, stream=True, wants_usage=True)
    tap = tongue.tap(())
    raw = tongue.stream_writer(decision, asked).write(events)
    return [event for piece in [*tap.feed(raw), *tap.end()] for event in piece.seen]


def _through(asked: Conversation, tongue: Tongue, model: str = "") -> Conversation:
    return tongue.parse(_write(asked, tongue, model)[0]).conversation


def _write(asked: Conversation, tongue: Tongue, model: str = "") -> tuple[bytes, tuple[str, ...]]:
    return tongue.write(asked, (UseModel(model or MODELS[tongue.dialect][0]),))


def _lost(feature: str, value: object, after: object) -> Carriage:
    return Carriage(feature=feature, fate=Fate.LOST, how=f"{value!r} became {after!r}")
