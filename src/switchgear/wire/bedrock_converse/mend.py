"""Blocks of a Converse request that have to do with tools, for mending them."""

from typing import Any

from switchgear.wire.mend import Form, said

Block = dict[str, Any]


def _called(block: Block) -> str | None:
    return str(block["toolUse"]["toolUseId"]) if "toolUse" in block else None


def _answered(block: Block) -> str | None:
    return str(block["toolResult"]["toolUseId"]) if "toolResult" in block else None


def _result(name: str, words: str) -> Block:
    return {"toolResult": {"toolUseId": name, "content": [{"text": words}]}}


def _words(block: Block) -> str:
    return said(block["toolResult"].get("content", ""))


def _text(words: str) -> Block:
    return {"text": words}


FORM = Form(
    speaker="assistant",
    inside="content",
    called=_called,
    answered=_answered,
    result=_result,
    words=_words,
    text=_text,
)
