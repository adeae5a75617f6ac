"""Turns of ours as the ``system`` and ``messages`` of a Converse request.

The API wants a user first, speakers in turn, text that is not blank, a tool's results at the head
of the turn after its calls, words beside a document, and documents with names that differ. Blocks
are written in one form always, so that a conversation that has grown begins with the same bytes.
"""

import re
from hashlib import blake2b
from typing import Any

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    Conversation,
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
from switchgear.wire.argument import arguments
from switchgear.wire.bedrock_converse.word import IMAGES, document_format
from switchgear.wire.seal import checks

SILENCE = "(no message)"
"""Stands for a user who has not spoken, where the API wants words."""
CACHE_HERE = {"cachePoint": {"type": "default"}}
MAX_ID = 64
NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_.:-]")
MAX_NAME = 190
NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9\s()\[\]-]")
BLANKS = re.compile(r"\s+")
UNNAMED = "document"

Block = dict[str, Any]


class Dialogue:
    """The blocks of a request, and the names of what they could not carry."""

    __slots__ = ("_names", "dropped", "messages", "system", "tools")

    def __init__(self, conversation: Conversation) -> None:
        """Write every turn."""
        self.dropped = dict.fromkeys(conversation.unread)
        self.system: list[Block] = []
        self.messages: list[dict[str, Any]] = []
        self.tools: dict[str, None] = {}
        """Names of the tools that were called: the API wants to know them."""
        self._names: set[str] = set()
        for turn in conversation.turns:
            blocks = self.blocks(turn)
            if turn.role is not Role.SYSTEM:
                self._say(turn.role.value, blocks)
            elif self.messages:
                self._say("user", told(blocks))
            else:
                self.system += [it for it in blocks if "text" in it or it == CACHE_HERE]
                self._say("user", [it for it in blocks if "text" not in it and it != CACHE_HERE])
        if not self.messages:
            self._say("user", [{"text": SILENCE}])
        _end(self.messages)

    def blocks(self, turn: Turn) -> list[Block]:
        """Return what a turn says, as blocks."""
        return [block for part in turn.parts for block in self._blocks(part)]

    def _say(self, role: str, blocks: list[Block]) -> None:
        if not blocks:
            return
        if not self.messages and role != "user":
            self.messages.append({"role": "user", "content": [{"text": SILENCE}]})
        if not self.messages or self.messages[-1]["role"] != role:
            self.messages.append({"role": role, "content": []})
        if any("document" in it for it in blocks) and not any("text" in it for it in blocks):
            blocks = [*blocks, {"text": SILENCE}]
        results, others = _parted(blocks)
        content = self.messages[-1]["content"]
        place = len(_parted(content)[0])
        content[place:place] = results
        content += others

    def _blocks(self, part: Part) -> list[Block]:
        block = self._block(part)
        if block is None:
            return []
        return [block, CACHE_HERE] if _ends_cache(part) else [block]

    def _block(self, part: Part) -> Block | None:
        if isinstance(part, Text):
            return {"text": part.text} if part.text.strip() else None
        if isinstance(part, ToolUse):
            self.tools[part.name] = None
            given = arguments(part.arguments)
            use = {"toolUseId": tool_id(part.id), "name": part.name, "input": given}
            return {"toolUse": use}
        if isinstance(part, ToolResult):
            return self._result(part)
        if isinstance(part, Thinking):
            return self._thinking(part)
        if isinstance(part, Image):
            return self._image(part)
        return self._document(part)

    def _result(self, part: ToolResult) -> Block:
        content = [block for given in part.parts if (block := self._block(given))]
        written: Block = {
            "toolUseId": tool_id(part.id),
            "content": content or [{"text": SILENCE}],
        }
        if part.failed:
            written["status"] = "error"
        return {"toolResult": written}

    def _thinking(self, part: Thinking) -> Block | None:
        if not checks(part.origin, Dialect.BEDROCK_CONVERSE):
            self.dropped["thinking"] = None
            return None
        if part.redacted:
            return {"reasoningContent": {"redactedContent": part.redacted}}
        if part.signature:
            told = {"text": part.text, "signature": part.signature}
            return {"reasoningContent": {"reasoningText": told}}
        self.dropped["reasoning_content"] = None
        return None

    def _image(self, part: Image) -> Block | None:
        form = IMAGES.get(part.media_type)
        if part.detail not in ("", "auto"):
            self.dropped["image.detail"] = None
        if part.url or not (form and part.data):
            self.dropped["image.url" if part.url else "image.media_type"] = None
            return None
        return {"image": {"format": form, "source": {"bytes": part.data}}}

    def _document(self, part: Document) -> Block | None:
        form = document_format(part.media_type)
        if part.url or not (form and part.data):
            self.dropped["document.url" if part.url else "document.media_type"] = None
            return None
        name = self._name(part.name)
        return {"document": {"format": form, "name": name, "source": {"bytes": part.data}}}

    def _name(self, given: str) -> str:
        """Return a name in the letters that the API takes, which no other document has."""
        clean = BLANKS.sub(" ", NOT_IN_A_NAME.sub("-", given)).strip()[:MAX_NAME] or UNNAMED
        name, number = clean, 1
        while name in self._names:
            number += 1
            name = f"{clean} ({number})"
        self._names.add(name)
        return name


def _ends_cache(part: Part) -> bool:
    """Say whether the prompt cache is to end after a part; within a result it cannot."""
    if isinstance(part, Thinking):
        return False
    inner = part.parts if isinstance(part, ToolResult) else ()
    return part.cache or any(it.cache for it in inner)


def _parted(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Return the tool results with their cache points, and all else."""
    results: list[Block] = []
    others: list[Block] = []
    found = others
    for block in blocks:
        if block != CACHE_HERE:
            found = results if "toolResult" in block else others
        found.append(block)
    return results, others


def tool_id(given: str) -> str:
    """Return an id in the letters, and the length, that the API takes; the same for a result."""
    clean = NOT_IN_AN_ID.sub("_", given) or "_"
    if len(clean) <= MAX_ID:
        return clean
    return f"{clean[:40]}-{blake2b(given.encode(), digest_size=10).hexdigest()}"


def told(blocks: list[Block]) -> list[Block]:
    """Return a system turn in the midst of the talk as user text that says what it is."""
    return [
        {"text": f"<system>\n{block['text']}\n</system>"} if "text" in block else block
        for block in blocks
    ]


def _end(messages: list[dict[str, Any]]) -> None:
    """Trim the end of an answer that the model shall go on with: blanks are refused there."""
    last = messages[-1]
    if last["role"] == "assistant" and "text" in last["content"][-1]:
        last["content"][-1] = {"text": last["content"][-1]["text"].rstrip()}
