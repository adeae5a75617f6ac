"""The content blocks of an answer, as this dialect writes them."""

from typing import Any, ClassVar

from typing_extensions import override

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import ThinkingSigned
from switchgear.wire import section
from switchgear.wire.argument import arguments
from switchgear.wire.bedrock_converse.hidden import write_hidden
from switchgear.wire.section import Kind, Section


class Outline(section.Outline):
    """The blocks of an answer to a caller of this dialect."""

    __slots__ = ()

    spoken: ClassVar = Dialect.BEDROCK_CONVERSE

    @override
    def hidden(self, event: ThinkingSigned) -> str:
        return write_hidden(event.redacted, event.origin)

    def blocks(self) -> list[dict[str, Any]]:
        """Return all blocks that say anything."""
        return [block_of(part) for part in self.sections if not part.empty]


def block_of(part: Section) -> dict[str, Any]:
    """Return a whole block as it stands in an answer."""
    if part.kind is Kind.TEXT:
        return {"text": part.text}
    if part.kind is Kind.REDACTED:
        return {"reasoningContent": {"redactedContent": part.text}}
    if part.kind is Kind.THINKING:
        told = {"text": part.text}
        if part.signature:
            told["signature"] = part.signature
        return {"reasoningContent": {"reasoningText": told}}
    use = {"toolUseId": part.id, "name": part.name, "input": arguments(part.text)}
    return {"toolUse": use}
