"""What an answer's events come to as a turn, for whoever must be told again what was said."""

from collections.abc import Iterable

from switchgear.domain.event import (
    Event,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.turn import Part, Role, Text, Thinking, ToolUse, Turn


def turn_of(events: Iterable[Event]) -> tuple[Turn, ...]:
    """Return the assistant's turn; nothing where an answer said nothing.

    Parts stand in the order in which they began; what belongs to one tool call is one part.
    """
    telling = _Telling()
    for event in events:
        telling.hear(event)
    parts = telling.parts()
    return (Turn(Role.ASSISTANT, parts),) if parts else ()


class _Run:
    """Words or thoughts that follow each other."""

    __slots__ = ("kind", "texts")

    def __init__(self, kind: type[Text | Thinking]) -> None:
        self.kind = kind
        self.texts: list[str] = []

    def part(self) -> Part:
        text = self.texts[0] if len(self.texts) == 1 else "".join(self.texts)
        return self.kind(text)


class _Request:
    """One tool call."""

    __slots__ = ("begun", "json")

    def __init__(self, begun: ToolStarted) -> None:
        self.begun = begun
        self.json: list[str] = []

    def part(self) -> Part:
        return ToolUse(id=self.begun.id, name=self.begun.name, arguments="".join(self.json))


class _Signed:
    """Thoughts with the signature that ends them."""

    __slots__ = ("event", "text")

    def __init__(self, event: ThinkingSigned, text: str) -> None:
        self.event = event
        self.text = text

    def part(self) -> Part:
        event = self.event
        return Thinking(self.text, event.signature, event.redacted, event.origin)


class _Telling:
    """One answer as far as it was heard."""

    def __init__(self) -> None:
        self._said: list[_Run | _Request | _Signed] = []
        self._requests: dict[int, _Request] = {}

    def hear(self, event: Event) -> None:
        match event:
            case TextDelta(text) | RefusalDelta(text):
                self._run(Text).texts.append(text)
            case ThinkingDelta(text):
                self._run(Thinking).texts.append(text)
            case ThinkingSigned():
                self._sign(event)
            case ToolStarted():
                self._requests[event.index] = request = _Request(event)
                self._said.append(request)
            case ToolDelta():
                if event.index in self._requests:
                    self._requests[event.index].json.append(event.json)

    def parts(self) -> tuple[Part, ...]:
        return tuple([each.part() for each in self._said])

    def _run(self, kind: type[Text | Thinking]) -> _Run:
        last = self._said[-1] if self._said else None
        if not isinstance(last, _Run) or last.kind is not kind:
            last = _Run(kind)
            self._said.append(last)
        return last

    def _sign(self, event: ThinkingSigned) -> None:
        last = self._said[-1] if self._said else None
        text = ""
        if not event.redacted and isinstance(last, _Run) and last.kind is Thinking:
            text = "".join(last.texts)
            self._said.pop()
        self._said.append(_Signed(event, text))
