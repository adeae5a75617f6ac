"""Blocks of the Messages API that have to do with tools, for mending them."""

from typing import Any

from switchgear.wire.mend import Form, said

Block = dict[str, Any]


def _called(block: Block) -> str | None:
    return str(block["id"]) if block.get("type") == "tool_use" else None


def _answered(block: Block) -> str | None:
    return str(block["tool_use_id"]) if block.get("type") == "tool_result" else None


def _result(name: str, words: str) -> Block:
    return {"type": "tool_result", "tool_use_id": name, "content": words}


def _words(block: Block) -> str:
    return said(block.get("content", ""))


def _text(words: str) -> Block:
    return {"type": "text", "text": words}


FORM = Form(
    speaker="assistant",
    inside="content",
    called=_called,
    answered=_answered,
    result=_result,
    words=_words,
    text=_text,
)
