"""Tasks, over HTTP: opened, listed, shown, changed, paused, resumed, stopped, closed."""

from typing import Annotated

import msgspec

from switchgear.config.opening import Amendment, Opening, told_caps
from switchgear.domain.errors import MalformedRequest, UnknownPath
from switchgear.domain.supervision import UnknownTask
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.domain.view import View, Wanted
from switchgear.engine.handling import Verb
from switchgear.surfaces.http.admin.form import Form, answer, read_form
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.wish import idempotency

PAGE, LONGEST_PAGE = 50, 500
MADE = 201
MOST_DATE, MOST_REVISION = 15, 10
"""Digits."""
LONGEST_NAME = 200
HISTORY = "history"
FILTERS = frozenset({"status", "parent", "agent", "before", "limit"})
IF_MATCH = b"if-match"
ANY = "*"

_decode = msgspec.json.Decoder(str).decode


class NoteForm(Form, frozen=True, kw_only=True):
    """Why something is done to a task."""

    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


async def make(request: Request) -> None:
    """Open a task; said again in the same words, it is the one that is there already."""
    opening = await read_form(request, Opening)
    gateway = request.gateway
    view, made = await gateway.tasks.open(opening, request.key, idempotency(request))
    request.task = view.task.name or view.task.id
    await answer(request, told_of(view), MADE if made else 200)


async def show_all(request: Request) -> None:
    """List the tasks that are the key's to know, a page at a time, newest first."""
    query = asked(request)
    unknown = sorted(set(query) - FILTERS)
    if unknown:
        known = ", ".join(sorted(FILTERS))
        raise MalformedRequest(f"There is no filter {unknown[0][:60]!r}; use {known}.")
    wanted = Wanted(
        status=_status(query.get("status", "")),
        parent=query.get("parent", ""),
        agent=query.get("agent", ""),
        before=_date(query.get("before", "")),
        limit=number(query, "limit", (1, LONGEST_PAGE), PAGE),
    )
    found, more = await request.gateway.tasks.list(wanted, request.key)
    rows = [row_of(each) for each in found]
    await answer(request, {"object": "list", "data": rows, "has_more": more})


async def show(request: Request) -> None:
    """Show one task, or what was done to it."""
    name, _, part = request.rest.partition("/")
    if part == HISTORY:
        notes = await request.gateway.tasks.history(_name(name), request.key)
        rows = [{"revision": it.revision, "at": it.at, "deed": _decode(it.body)} for it in notes]
        await answer(request, {"object": "list", "data": rows, "has_more": False})
        return
    if part:
        raise UnknownPath("Of a task there are history, context and handoffs.")
    await answer(request, told_of(await request.gateway.tasks.view(_name(name), request.key)))


async def change(request: Request) -> None:
    """Change one task: its caps, its deadline, what it is for."""
    name, revision = _name(request.rest), _revision(request)
    amendment = await read_form(request, Amendment)
    view = await request.gateway.tasks.amend(name, amendment, request.key, revision)
    await answer(request, told_of(view))


async def act(request: Request) -> None:
    """Pause, resume, stop or close one task; a body with a note is welcome, and not needed."""
    name, _, verb = request.rest.partition("/")
    if verb not in {each.value for each in Verb}:
        known = ", ".join(each.value for each in Verb)
        raise UnknownPath(f"What can be done to a task is {known}.")
    note = (await read_form(request, NoteForm)).note if _has_body(request) else ""
    view = await request.gateway.tasks.act(_name(name), Verb(verb), request.key, note)
    await answer(request, told_of(view))


def row_of(task: Task) -> dict[str, object]:
    """Return a task as JSON-able values, without what it takes to look further."""
    return {
        "object": "task",
        "id": task.id,
        "name": task.name or None,
        "status": task.status.value,
        "why": task.why or None,
        "code": task.code or None,
        "ticket": task.ticket or None,
        "goal": task.goal,
        "agent": task.agent or None,
        "key": task.key or None,
        "tenant": task.tenant or None,
        "parent": task.parent or None,
        "ancestors": task.ancestors,
        "declared": task.declared,
        "caps": told_caps(task.caps),
        "deadline": task.deadline,
        "opened": task.opened,
        "began": task.began or task.opened,
        "seen": task.seen,
        "run": task.run,
        "steps": task.steps,
        "home": task.home or None,
        "insert": task.insert,
        "metadata": dict(task.metadata),
    }


def told_of(view: View) -> dict[str, object]:
    """Return all that is known of a task as JSON-able values."""
    return {
        **row_of(view.task),
        "revision": view.revision,
        "rung": view.rung or None,
        "standing": view.caps,
        "children": [
            {"id": it.id, "name": it.name or None, "status": it.status.value}
            for it in view.children
        ],
        "more_children": view.more,
    }


def _has_body(request: Request) -> bool:
    length = request.headers.get(b"content-length", b"")
    return length not in {b"", b"0"} or b"transfer-encoding" in request.headers


def _name(text: str) -> str:
    """Return the id or name that a path holds; what none can be is nobody's."""
    if not text or len(text) > LONGEST_NAME or "/" in text:
        raise UnknownTask
    return text


def _status(text: str) -> Status | None:
    if not text:
        return None
    try:
        return Status(text)
    except ValueError:
        known = ", ".join(each.value for each in Status)
        raise MalformedRequest(f"status is one of {known}.") from None


def _date(text: str) -> UnixMs | None:
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) <= MOST_DATE):
        raise MalformedRequest("before is a date in milliseconds since 1970.")
    return UnixMs(int(text))


def _revision(request: Request) -> int | None:
    """Return the revision that a change is meant for, where ``if-match`` says one."""
    text = request.header(IF_MATCH).strip().removeprefix("W/").strip('"')
    if text in {"", ANY}:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) <= MOST_REVISION):
        raise MalformedRequest("if-match is the revision of the task, such as 3.")
    return int(text)
