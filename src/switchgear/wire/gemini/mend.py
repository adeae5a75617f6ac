"""Parts of a request to Gemini that have to do with tools, for mending them.

Ids may be left out there: then a result answers a call of its name.
"""

from typing import Any

from switchgear.wire.gemini.reading import GIVEN
from switchgear.wire.mend import Form, said

BREAK = "\0"
Block = dict[str, Any]


def _called(block: Block) -> str | None:
    return _name(block.get("functionCall"))


def _answered(block: Block) -> str | None:
    return _name(block.get("functionResponse"))


def _name(said_of: Block | None) -> str | None:
    return None if not said_of else f"{said_of['name']}{BREAK}{said_of.get('id') or ''}"


def _same(call: str, result: str) -> bool:
    name, _, one = call.partition(BREAK)
    other_name, _, other = result.partition(BREAK)
    return name == other_name and (one == other or not (one and other))


def _result(call: str, words: str) -> Block:
    name, _, given = call.partition(BREAK)
    known = {"id": given} if given else {}
    return {"functionResponse": {**known, "name": name, "response": {GIVEN: words}}}


def _words(block: Block) -> str:
    return said(block["functionResponse"].get("response", ""))


def _text(words: str) -> Block:
    return {"text": words}


FORM = Form(
    speaker="model",
    inside="parts",
    called=_called,
    answered=_answered,
    result=_result,
    words=_words,
    text=_text,
    same=_same,
)
