"""Answers that are kept: shown, forgotten, and what they answered."""

from collections.abc import Mapping
from typing import Any

import msgspec

from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import MalformedBody, MalformedRequest, UnknownAnswer, UnknownPath
from switchgear.engine.right import require
from switchgear.ports.recollection import Recollection
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request
from switchgear.wire.sse import SseReader
from switchgear.wire.strict import members

ITEMS = "input_items"
PAGE, LONGEST_PAGE = 20, 100
ORDERS = ("desc", "asc")
KINDS = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
}
"""What begins the id of an item."""
ELSEWHERE = {
    "background": "an answer is given while the caller waits; leave it out, or stream",
    "conversation": "a provider's conversations belong to nobody's key here; go on by"
    " previous_response_id, or send the whole conversation",
}
"""Fields that ask a provider to remember for whoever asks it next, and what to do instead."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def refuse_elsewhere(body: Body) -> None:
    """Check that a body asks for nothing that only its provider would know of afterwards.

    Raises:
        MalformedBody: it does.
    """
    if body.dialect is Dialect.OPENAI_RESPONSES:
        for name in body.conversation.unread:
            if name in ELSEWHERE:
                raise MalformedBody(f"{name}: not offered here: {ELSEWHERE[name]}")


async def show(request: Request) -> None:
    """Answer with one that is kept, or with the input that led to it."""
    name, _, part = request.rest.partition("/")
    if part not in {"", ITEMS}:
        raise UnknownPath
    require(request.key, Endpoint.ANSWER)
    found = await request.gateway.recollection(name, request.key)
    if found is None:
        raise UnknownAnswer
    query = asked(request)
    if part:
        await _write(request, msgspec.json.encode(_page(_items(request, found), query)))
    elif query.get("stream", "false") != "false":
        raise MalformedRequest("An answer that is kept is shown whole: leave out stream.")
    else:
        await _write(request, _whole(request, found))


async def forget(request: Request) -> None:
    """Forget one; whatever went on from it can still be gone on from."""
    require(request.key, Endpoint.ANSWER)
    if not await request.gateway.forget(request.rest, request.key):
        raise UnknownAnswer
    gone = {"id": request.rest, "object": "response", "deleted": True}
    await _write(request, msgspec.json.encode(gone))


async def act(_request: Request) -> None:
    """Refuse what can be done to an answer elsewhere: none is given in the background here."""
    raise UnknownPath(
        "There is no such endpoint: no answer is given in the background here, so none can be"
        " cancelled. Close the connection instead."
    )


async def _write(request: Request, found: bytes) -> None:
    marks = headers(Marks(decision=request.id, own=request.age))
    await request.response.whole(200, [*JSON_HEADERS, *marks], found)


def _whole(request: Request, kept: Recollection) -> bytes:
    """Return an answer as the caller had it; its own bytes, where a target wrote it."""
    if kept.raw and not kept.stream:
        return kept.raw
    for frame in _frames(kept.raw):
        found = members(frame).get("response")
        if found is not None:
            return bytes(found)
    return request.tongue.write_whole(kept.decision, kept.events, kept.asked)


def _frames(raw: bytes) -> list[bytes]:
    reader = SseReader()
    return [each.data for each in (*reader.feed(raw), *reader.end()) if each.data]


def _items(request: Request, kept: Recollection) -> list[dict[str, Any]]:
    """Return the items of all that led to an answer, first to last."""
    turns = (*kept.earlier, *kept.input)
    asked = msgspec.structs.replace(kept.asked, turns=turns, instructions=0, previous="")
    written = _decode(request.tongue.write(asked, ())[0])
    first = written.get("instructions")
    items: list[dict[str, Any]] = list(written["input"])
    if first is not None:  # what the system said first is an item too
        items.insert(0, {"type": "message", "role": "system", "content": first})
    return [_item(item, f"{kept.decision}_{place}") for place, item in enumerate(items)]


def _item(item: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an item with all that it has when it is shown."""
    kind = item["type"]
    if isinstance(item.get("content"), str):
        said = "output_text" if item["role"] == "assistant" else "input_text"
        item["content"] = [{"type": said, "text": item["content"]}]
    for part in item.get("content", ()):
        if part["type"] == "output_text":
            part |= {"annotations": [], "logprobs": []}
    return {"id": f"{KINDS.get(kind, 'item')}_{name}", **item, "status": "completed"}


def _page(items: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, object]:
    order, after = query.get("order", ORDERS[0]), query.get("after")
    if order not in ORDERS:
        raise MalformedRequest(f"order is one of {', '.join(ORDERS)}.")
    if order == ORDERS[0]:
        items.reverse()
    if after is not None:
        names = [item["id"] for item in items]
        if after not in names:
            raise MalformedRequest("There is no item with the id that `after` says.")
        items = items[names.index(after) + 1 :]
    page = items[: number(query, "limit", (1, LONGEST_PAGE), PAGE)]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
    more = len(page) < len(items)
    return {"object": "list", "data": page, "first_id": "", "last_id": "", **ends, "has_more": more}
