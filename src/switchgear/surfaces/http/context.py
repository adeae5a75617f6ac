"""The context of a task, over HTTP: read whole or in part, now or as it was, and changed."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from switchgear.domain.caller import Key, Right
from switchgear.domain.context import (
    MOST_OPERATIONS,
    Asked,
    Item,
    Line,
    Operation,
    Snapshot,
    Writer,
)
from switchgear.domain.errors import MalformedRequest
from switchgear.domain.supervision import ContextConflict, UnknownContextEntry
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.engine.lineage import to_json
from switchgear.surfaces.http.admin.form import PRIVATE, Form, read_form
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.query import asked as asked_of
from switchgear.surfaces.http.query import number
from switchgear.surfaces.http.refusal import refusal
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.wish import wishes

MOST_BYTES = 1_048_576
"""Of a body: twice what a whole context may have."""
MOST_LINES = 1000
MOST_REVISIONS = 999_999_999
ETAG = re.compile(r'(?:W/)?"(\d{1,9})"|(\d{1,9})')

Short = Annotated[str, msgspec.Meta(max_length=200)]


class ContextForm(Form, frozen=True, kw_only=True):
    """A change that is asked for."""

    operations: Annotated[
        tuple[Operation, ...], msgspec.Meta(min_length=1, max_length=MOST_OPERATIONS)
    ]
    decision: Short = ""
    """Id of the call whose answer the values come from: ``x-switchgear-decision`` of it."""
    agent: Short = ""
    """Who writes; by default what ``x-switchgear-agent`` says."""


async def show(request: Request) -> None:
    """Answer with a context, one entry of it, its log, or where what a call was given came from."""
    contexts, key, query = request.gateway.contexts, request.key, asked_of(request)
    task = await contexts.task(request.rest, key)
    request.task = task.id
    if query.get("log", "") not in {"", "0"}:
        await _log(request, task, query)
        return
    if "lineage" in query:
        reading = await contexts.lineage(query["lineage"], task, key)
        await _answer(request, {"object": "context.lineage", **to_json(reading)}, None)
        return
    if "at" in query:
        revision = number(query, "at", (0, MOST_REVISIONS), 0)
        found = await contexts.at(task.id, revision, key.sensitivity)
    else:
        found = await contexts.snapshot(task.id, key.sensitivity)
    if "key" in query:
        await _answer(request, _one(found, query["key"]), found.revision)
        return
    await _answer(request, _whole(task.id, found), found.revision)


async def change(request: Request) -> None:
    """Change a context: all that is asked for, or nothing."""
    contexts, key = request.gateway.contexts, request.key
    form = await read_form(request, ContextForm, MOST_BYTES)
    agent = form.agent or wishes(request).agent
    asked = Asked(operations=form.operations, match=_match(request))
    by = writer(key, agent, form.decision)
    task = await contexts.task(request.rest, key, opens=True, agent=agent)
    request.task = task.id
    try:
        done = await contexts.change(task, asked, by)
    except ContextConflict as error:
        await _refuse(request, error)
        return
    told = [line_of(each, key.sensitivity) for each in done.lines]
    for each, operation in zip(told, form.operations, strict=True):
        each["id"] = operation.id
    found = {"object": "context.change", "task": task.id, "revision": done.revision, "data": told}
    await _answer(request, found, done.revision)


def writer(key: Key, agent: str, decision: str = "") -> Writer:
    """Return who asks for a change, as far as its key tells."""
    return Writer(
        key=key.id,
        agent=agent,
        decision=decision,
        sensitivity=key.sensitivity,
        human=Right.ADMIN in key.rights,
    )


def entry_of(item: Item) -> dict[str, Any]:
    """Return an entry as JSON-able values."""
    origin = item.origin
    return {
        "key": item.key,
        "type": item.type.value,
        "value": item.value,
        "revision": item.revision,
        "trust": item.trust.value,
        "source": origin.source.value,
        "agent": origin.agent,
        "written_by": origin.key,
        "decision": origin.decision,
        "at": origin.at,
        "from": [{"key": key, "revision": revision} for key, revision in origin.basis],
        "sensitivity": item.sensitivity.name.lower(),
        "until": item.until,
        "pinned": item.pinned,
        "merge": item.merge.value,
    }


async def _log(request: Request, task: Task, query: Mapping[str, str]) -> None:
    after = number(query, "after", (0, MOST_REVISIONS), 0)
    most = number(query, "limit", (1, MOST_LINES), MOST_LINES)
    lines = await request.gateway.contexts.log(task.id, after, most + 1)
    told = [line_of(each, request.key.sensitivity) for each in lines[:most]]
    more = len(lines) > most
    await _answer(request, {"object": "list", "data": told, "has_more": more}, None)


def _whole(task: str, found: Snapshot) -> dict[str, Any]:
    return {
        "object": "context",
        "task": task,
        "revision": found.revision,
        "entries": [entry_of(each) for each in found.items],
        "withheld": list(found.withheld),
    }


def _one(found: Snapshot, key: str) -> dict[str, Any]:
    for each in found.items:
        if each.key == key:
            return {"object": "context.entry", **entry_of(each)}
    if key in found.withheld:
        raise UnknownContextEntry("That entry is more sensitive than this key's calls may be.")
    raise UnknownContextEntry


def line_of(line: Line, sensitivity: Sensitivity) -> dict[str, Any]:
    """Return a line of a log as JSON-able values, for who may see what is so sensitive."""
    change, item = line.change, line.change.item
    hidden = item is not None and item.sensitivity > sensitivity
    return {
        "key": change.key,
        "op": change.deed,
        "revision": line.revision,
        "at": line.at,
        "entry": None if item is None or hidden else entry_of(item),
        "withheld": hidden,
    }


def _match(request: Request) -> int | None:
    """Return the revision that the document must be at, where the request says one."""
    said = request.header(b"if-match").strip()
    if not said:
        return None
    found = ETAG.fullmatch(said)
    if found is None:
        raise MalformedRequest('If-Match takes the revision of the context, such as "7".')
    return int(found[1] or found[2])


async def _refuse(request: Request, error: ContextConflict) -> None:
    """Tell of a conflict in the caller's shape, and beside that what is there now."""
    marks = Marks(decision=request.id, reason=error.code, task=request.task, own=request.age)
    status, found, body = refusal(request.tongue, error, marks)
    words = msgspec.json.decode(body)
    there = error.there
    words["error"]["current"] = {
        "revision": there.revision,
        "conflicts": list(error.keys),
        "entries": {each.key: entry_of(each) for each in there.items},
        "withheld": list(there.withheld),
    }
    found = [*found, *_tag(there.revision)]
    await request.response.whole(status, found, msgspec.json.encode(words))


async def _answer(request: Request, found: object, revision: int | None) -> None:
    marks = headers(Marks(decision=request.id, task=request.task, own=request.age))
    tag = [] if revision is None else _tag(revision)
    body = msgspec.json.encode(found)
    await request.response.whole(200, [*JSON_HEADERS, *PRIVATE, *marks, *tag], body)


def _tag(revision: int) -> Headers:
    return [(b"etag", b'"%d"' % revision)]
