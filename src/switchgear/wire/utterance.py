"""Small answers with one feature each, to see what a caller of another dialect gets of it."""

from collections.abc import Callable, Sequence

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.units import Tokens
from switchgear.wire.seal import unseal
from switchgear.wire.specimen import HIDDEN, SIGNED

Look = Callable[[Sequence[Event]], object]

OPENED = Opened(id="answer_1", model="model-1", created=1_760_000_000)
USAGE = Usage(
    input=Tokens(1000),
    cached=Tokens(600),
    cache_written=Tokens(300),
    output=Tokens(50),
    reasoning=Tokens(20),
)
TOLD = ("input", "cached", "cache_written", "output", "reasoning")
"""What callers are told of it; the rest is there for its price."""
SOME = Usage(input=Tokens(1000), output=Tokens(50))
WORDS = (TextDelta("Rain, "), TextDelta("mostly."))
CALL = (
    ToolStarted(index=0, id="call_1", name="weather"),
    ToolDelta(index=0, json='{"city":'),
    ToolDelta(index=0, json='"Oslo"}'),
)
CALLS = (
    *CALL,
    ToolStarted(index=1, id="call_2", name="time"),
    ToolDelta(index=1, json='{"city":"Rome"}'),
)


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """One feature of an answer."""

    name: str
    events: tuple[Event, ...]
    """An answer that has it."""
    look: Look
    """What is to be the same afterwards."""


def ended(
    *said: Event, stop: Stop = Stop.END, usage: Usage = SOME, sequence: str = ""
) -> tuple[Event, ...]:
    """Return a whole answer that says this."""
    finished = Finished(stop=stop, usage=usage, stop_sequence=sequence)
    return (OPENED, *(said or WORDS), finished)


def _all_of(kind: type[TextDelta | RefusalDelta | ThinkingDelta]) -> Look:
    return lambda events: "".join(it.text for it in events if isinstance(it, kind))


def _all_words(events: Sequence[Event]) -> object:
    return "".join(it.text for it in events if isinstance(it, TextDelta | RefusalDelta))


def _calls(events: Sequence[Event]) -> object:
    found = {it.index: [it.id, it.name, ""] for it in events if isinstance(it, ToolStarted)}
    for event in events:
        if isinstance(event, ToolDelta):
            found[event.index][2] += event.json
    return [(id_, name, msgspec.json.decode(text or "{}")) for id_, name, text in found.values()]


def _signed(name: str) -> Look:
    """Return the signatures as their own provider made them, whoever they went through."""

    def look(events: Sequence[Event]) -> object:
        signed = [it for it in events if isinstance(it, ThinkingSigned)]
        found = [unsealed(getattr(it, name)) for it in signed]
        return [each for each in found if each]

    return look


def unsealed(text: str) -> str:
    """Return a signature alone: before a colon stands only where it belongs."""
    return unseal(text, Dialect.OPENAI_CHAT)[0].rpartition(":")[2]


def _finished(events: Sequence[Event]) -> Finished | None:
    return next((it for it in events if isinstance(it, Finished)), None)


def _stop(events: Sequence[Event]) -> object:
    found = _finished(events)
    return found and found.stop.value


def _sequence(events: Sequence[Event]) -> object:
    found = _finished(events)
    return found and found.stop_sequence


def _used(name: str) -> Look:
    def look(events: Sequence[Event]) -> object:
        found = _finished(events)
        return found and found.usage and getattr(found.usage, name)

    return look


def _opened(name: str) -> Look:
    def look(events: Sequence[Event]) -> object:
        found = [getattr(it, name) for it in events if isinstance(it, Opened)]
        return [each for each in found if each]

    return look


def _stopping(stop: Stop, *said: Event) -> Utterance:
    return Utterance(name=f"stop: {stop.value}", events=ended(*said, stop=stop), look=_stop)


THOUGHT = (ThinkingDelta("It is "), ThinkingDelta("Oslo."))

UTTERANCES: tuple[Utterance, ...] = (
    Utterance(name="words", events=ended(), look=_all_of(TextDelta)),
    Utterance(
        name="words of a refusal",
        events=ended(RefusalDelta("I will not."), stop=Stop.REFUSED),
        look=_all_words,
    ),
    Utterance(
        name="refusal, as such",
        events=ended(RefusalDelta("I will not."), stop=Stop.REFUSED),
        look=_all_of(RefusalDelta),
    ),
    Utterance(name="thinking", events=ended(*THOUGHT, *WORDS), look=_all_of(ThinkingDelta)),
    Utterance(
        name="signature of thinking",
        events=ended(*THOUGHT, ThinkingSigned(SIGNED), *WORDS),
        look=_signed("signature"),
    ),
    Utterance(
        name="hidden thinking",
        events=ended(ThinkingSigned("", redacted=HIDDEN), *WORDS),
        look=_signed("redacted"),
    ),
    Utterance(name="tool call", events=ended(*CALL, stop=Stop.TOOL_USE), look=_calls),
    Utterance(name="parallel tool calls", events=ended(*CALLS, stop=Stop.TOOL_USE), look=_calls),
    Utterance(
        name="words before a tool call",
        events=ended(TextDelta("Let me look."), *CALL, stop=Stop.TOOL_USE),
        look=_all_of(TextDelta),
    ),
    *(
        _stopping(stop)
        for stop in Stop
        if stop not in (Stop.TOOL_USE, Stop.REFUSED, Stop.STOP_SEQUENCE)
    ),
    _stopping(Stop.TOOL_USE, *CALL),
    _stopping(Stop.REFUSED, RefusalDelta("No.")),
    Utterance(
        name="stop: stop_sequence",
        events=ended(stop=Stop.STOP_SEQUENCE, sequence="END"),
        look=_stop,
    ),
    Utterance(
        name="the stop sequence itself",
        events=ended(stop=Stop.STOP_SEQUENCE, sequence="END"),
        look=_sequence,
    ),
    *(
        Utterance(name=f"usage: {name}", events=ended(usage=USAGE), look=_used(name))
        for name in TOLD
    ),
    Utterance(name="model", events=ended(), look=_opened("model")),
    Utterance(name="id of the answer", events=ended(), look=_opened("id")),
)
"""Every feature of an answer."""
