"""Tickets, over HTTP: an agent asks and waits, a human decides, the agent claims."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from switchgear.config.opening import CapsForm, capped, told_caps
from switchgear.domain.caller import Key
from switchgear.domain.errors import Draining, MalformedRequest, UnknownPath
from switchgear.domain.supervision import UnknownTicket
from switchgear.domain.task import NO_CAPS
from switchgear.domain.ticket import Question, Ruling, Ticket, TicketKind, TicketState, Verdict
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import looks_minted, task_id
from switchgear.engine.ticket import canonical
from switchgear.ports.papers import PaperKind, Sought
from switchgear.surfaces.http.admin.form import Form, answer, read_form
from switchgear.surfaces.http.leaving import Leaving
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request

MADE = 201
PAGE, LONGEST_PAGE = 100, 1000
LONGEST_WAIT = 55
"""Seconds: less than what stands in between mostly waits for an answer to begin."""
MOST_DATE = 15
"""Digits of a date."""

Name = Annotated[str, msgspec.Meta(max_length=200)]
Deadline = Annotated[float, msgspec.Meta(gt=0, le=31_536_000)]
_decode = msgspec.json.Decoder().decode


class QuestionForm(Form, frozen=True, kw_only=True):
    """What is asked."""

    kind: TicketKind = TicketKind.APPROVAL
    text: str
    """What a human is to read."""
    action: Any = UNSET
    """What is proposed: any JSON; what was approved is bound to its digest."""
    task: Name = ""
    """The task's id, or what its callers call it."""
    agent: Name = ""
    """Who asks."""
    deadline_s: Deadline | None = None
    """Seconds. Default: the owner's."""
    default: Literal["approve", "deny"] | None = None
    """What holds after the deadline. Default: the owner's."""
    pauses: bool = False
    """The task is paused until it is decided."""


class DecisionForm(Form, frozen=True, kw_only=True):
    """What is decided."""

    verdict: Verdict
    answer: Any = UNSET
    """Any JSON, where the verdict is answer."""
    note: str = ""
    """Why, for people."""
    caps: CapsForm | None = None
    """What the task that waits may use from now on; what is not said stays."""
    id: Name = ""
    """The decider's own: the same sent again is no second decision."""


class ClaimForm(Form, frozen=True, kw_only=True):
    """What is to be done."""

    action: Any


async def ask(request: Request) -> None:
    """Open a ticket."""
    form = await read_form(request, QuestionForm)
    question = Question(
        kind=form.kind,
        text=form.text,
        action=_written(form.action),
        task=_task(form.task, request.key),
        agent=form.agent,
        span=None if form.deadline_s is None else Seconds(form.deadline_s),
        default=None if form.default is None else Verdict(form.default),
    )
    tickets = request.gateway.tickets
    ticket = await tickets.ask(question, request.key, pauses=form.pauses)
    await answer(request, told_of(ticket), MADE)


async def show_all(request: Request) -> None:
    """List the tickets that are the key's to know, a page at a time, newest first."""
    query = asked(request)
    limit = number(query, "limit", (1, LONGEST_PAGE), PAGE)
    sought = Sought(
        kind=PaperKind.TICKET,
        of=_task(query.get("task", ""), request.key),
        state=_state(query.get("state", "")),
        before=_date(query.get("before", "")),
        limit=limit,
    )
    found = await request.gateway.tickets.list(sought, request.key)
    rows = [told_of(each) for each in found]
    await answer(request, {"object": "list", "data": rows, "has_more": len(found) == limit})


async def show(request: Request) -> None:
    """Show one ticket, at once or when it is decided."""
    span = Seconds(float(number(asked(request), "wait", (0, LONGEST_WAIT), 0)))
    leaving = Leaving(request)
    try:
        ticket = await request.gateway.tickets.wait(_name(request.rest), request.key, span)
    except asyncio.CancelledError:
        if request.gateway.over:
            raise Draining from None
        if not leaving.noticed:
            raise
        return  # nobody is there to read it
    finally:
        leaving.stop()
    await answer(request, told_of(ticket))


async def act(request: Request) -> None:
    """Decide one ticket, or claim what it approved."""
    name, _, verb = request.rest.partition("/")
    name, tickets = _name(name), request.gateway.tickets
    if verb == "decision":
        form = await read_form(request, DecisionForm)
        ticket = await tickets.decide(name, _ruling(form), request.key)
    elif verb == "claim":
        wanted = await read_form(request, ClaimForm)
        ticket = await tickets.claim(name, canonical(wanted.action), request.key)
    else:
        raise UnknownPath("What can be done to a ticket is decision and claim.")
    await answer(request, told_of(ticket))


def told_of(ticket: Ticket) -> dict[str, object]:
    """Return a ticket as JSON-able values."""
    asked_for, known = ticket.question, ticket.decided
    words: dict[str, object] = {
        "object": "ticket",
        "id": ticket.id,
        "kind": asked_for.kind.value,
        "state": ticket.state.value,
        "verdict": None if ticket.verdict is None else ticket.verdict.value,
        "text": asked_for.text,
        "action": _read(asked_for.action),
        "digest": ticket.digest or None,
        "task": asked_for.task or None,
        "agent": asked_for.agent or None,
        "key": ticket.key or None,
        "tenant": ticket.tenant or None,
        "asked": ticket.asked,
        "deadline": ticket.deadline,
        "default": ticket.default.value,
        "claimed": ticket.claimed,
        "claimed_by": ticket.claimed_by or None,
        "decided": None,
    }
    if known is not None:
        words["decided"] = {
            "verdict": known.ruling.verdict.value,
            "answer": _read(known.ruling.answer),
            "note": known.ruling.note or None,
            "caps": None if known.ruling.caps is None else told_caps(known.ruling.caps),
            "by": known.by or None,
            "at": known.at,
            "by_default": known.by_default,
            "id": known.ruling.id or None,
        }
    return words


def _ruling(form: DecisionForm) -> Ruling:
    return Ruling(
        verdict=form.verdict,
        answer=_written(form.answer),
        note=form.note,
        caps=None if form.caps is None else capped(form.caps, NO_CAPS),
        id=form.id,
    )


def _written(value: object) -> str:
    return "" if isinstance(value, UnsetType) else canonical(value)


def _read(text: str) -> object:
    return _decode(text) if text else None


def _task(name: str, key: Key) -> str:
    return task_id(key.id, name) if name and not looks_minted(name) else name


def _name(text: str) -> str:
    """Return the id that a path holds; what no id can hold is nobody's."""
    if not text.isascii() or not text.isprintable() or "/" in text:
        raise UnknownTicket
    return text


def _state(text: str) -> str:
    if text and text not in {each.value for each in TicketState}:
        known = ", ".join(each.value for each in TicketState)
        raise MalformedRequest(f"state is one of {known}.")
    return text


def _date(text: str) -> UnixMs | None:
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and len(text) <= MOST_DATE):
        raise MalformedRequest("before is a date in milliseconds since 1970.")
    return UnixMs(int(text))
