"""Turns written as the items of an input."""

from collections.abc import Sequence
from typing import Any

from switchgear.domain.turn import (
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses.proof import SPOKEN, item_of

Dropped = dict[str, None]
"""Names of what could not be carried: a set that keeps its order."""
Item = dict[str, Any]


class Script:
    """The items of a request, and the names of what they could not carry.

    The same turns give the same items, so that what a provider has cached of them stays good. No
    item has an id, for the API would look for it among the answers that it keeps; reasoning alone
    has that of its provider, by which its encrypted content is checked.
    """

    __slots__ = ("_calls", "_freeform", "dropped", "items")

    def __init__(self, freeform_names: frozenset[str], dropped: Dropped) -> None:
        """Start with nothing written, knowing which tools take text."""
        self.items: list[Item] = []
        self.dropped = dropped
        self._freeform = freeform_names
        self._calls = set[str]()
        """Ids of the calls of tools that take text."""

    def add(self, turns: Sequence[Turn]) -> None:
        """Write turns."""
        for turn in turns:
            if any(_marks_cache(part) for part in turn.parts):
                self.dropped["cache_control"] = None
            match turn.role:
                case Role.SYSTEM:
                    self._say("system", turn.parts)
                case Role.ASSISTANT:
                    self._answer(turn.parts)
                case Role.USER:
                    self._ask(turn.parts)

    def _say(self, role: str, parts: Sequence[Part]) -> None:
        content = self._content(parts)
        self.items.append({"type": "message", "role": role, "content": content})

    def _ask(self, parts: Sequence[Part]) -> None:
        """Write the outputs of tools, which follow their calls, and then the rest."""
        rest = [part for part in parts if not isinstance(part, ToolResult)]
        for part in parts:
            if isinstance(part, ToolResult):
                self._output(part)
        if rest or not parts:
            self._say("user", rest)

    def _output(self, result: ToolResult) -> None:
        if result.failed:
            self.dropped["tool_result.is_error"] = None
        custom = result.id in self._calls
        kind = "custom_tool_call_output" if custom else "function_call_output"
        output = self._content(result.parts)
        self.items.append({"type": kind, "call_id": result.id, "output": output})

    def _answer(self, parts: Sequence[Part]) -> None:
        """Write what the model said, in its order; texts that follow one another are one item."""
        texts: list[str] = []
        for part in parts:
            if isinstance(part, Text):
                texts.append(part.text)
                continue
            self._utter(texts)
            texts = []
            if isinstance(part, ToolUse):
                self._call(part)
            elif isinstance(part, Thinking):
                self._think(part)
            else:
                self.dropped[NAMES[type(part)]] = None
        self._utter(texts)

    def _utter(self, texts: list[str]) -> None:
        if not texts:
            return
        parts = [{"type": "output_text", "text": text} for text in texts]
        content = texts[0] if len(texts) == 1 else parts
        self.items.append({"type": "message", "role": "assistant", "content": content})

    def _call(self, use: ToolUse) -> None:
        if use.name in self._freeform:
            self._calls.add(use.id)
            text = freeform.unwrap(use.arguments)
            kind: Item = {"type": "custom_tool_call", "call_id": use.id}
            self.items.append({**kind, "name": use.name, "input": text})
            return
        arguments = use.arguments or "{}"
        kind = {"type": "function_call", "call_id": use.id}
        self.items.append({**kind, "name": use.name, "arguments": arguments})

    def _think(self, part: Thinking) -> None:
        """Write reasoning that a provider of this dialect can check; it takes no other."""
        if not part.signature or part.origin not in (None, SPOKEN):
            self.dropped["thinking"] = None
            return
        name, encrypted = item_of(part.signature)
        summary = [{"type": "summary_text", "text": part.text}] if part.text else []
        item: Item = {"type": "reasoning", "summary": summary, "encrypted_content": encrypted}
        self.items.append({"type": "reasoning", "id": name, **item} if name else item)

    def _content(self, parts: Sequence[Part]) -> str | list[Item]:
        """Return one text as a string and anything else as a list."""
        written = [found for part in parts if (found := self._part(part))]
        if not written:
            return ""
        if len(written) == 1 and written[0]["type"] == "input_text":
            text: str = written[0]["text"]
            return text
        return written

    def _part(self, part: Part) -> Item | None:
        if isinstance(part, Text):
            return {"type": "input_text", "text": part.text}
        if isinstance(part, Image):
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            return {"type": "input_image", "image_url": url, "detail": part.detail or "auto"}
        if not isinstance(part, Document):
            self.dropped[NAMES[type(part)]] = None
            return None
        if part.url:
            return {"type": "input_file", "file_url": part.url}
        content = f"data:{part.media_type};base64,{part.data}"
        return {"type": "input_file", "filename": part.name or "file", "file_data": content}


NAMES: dict[type, str] = {
    Image: "image",
    Document: "document",
    Thinking: "thinking",
    ToolUse: "tool_use",
    ToolResult: "tool_result",
}


def _marks_cache(part: Part) -> bool:
    inner = part.parts if isinstance(part, ToolResult) else ()
    marked = not isinstance(part, Thinking) and part.cache
    return marked or any(item.cache for item in inner)
