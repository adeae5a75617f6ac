"""The content blocks of an answer, as this dialect writes them."""

from typing import Any, ClassVar

import msgspec
from typing_extensions import override

from switchgear.domain.dialect import Dialect
from switchgear.wire import section
from switchgear.wire.anthropic_messages import dialogue
from switchgear.wire.argument import arguments
from switchgear.wire.section import Kind, Section


class Outline(section.Outline):
    """The blocks of an answer to a caller of this dialect."""

    __slots__ = ()

    spoken: ClassVar = Dialect.ANTHROPIC_MESSAGES

    @override
    def tool_id(self, said: str) -> str:
        return dialogue.tool_id(said)


def block_of(part: Section) -> dict[str, Any]:
    """Return a whole block as it stands in an answer."""
    if part.kind is Kind.TEXT:
        return {"type": "text", "text": part.text}
    if part.kind is Kind.REDACTED:
        return {"type": "redacted_thinking", "data": part.text}
    if part.kind is Kind.THINKING:
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}
    head = {"type": "tool_use", "id": part.id, "name": part.name}
    return {**head, "input": arguments(part.text)}


def encode_blocks(outline: Outline) -> list[msgspec.Raw]:
    """Return the blocks as JSON, those without a word left out."""
    blocks = [block_of(part) for part in outline.sections if not part.empty]
    return [msgspec.Raw(msgspec.json.encode(block)) for block in blocks]
