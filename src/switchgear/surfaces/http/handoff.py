"""Hand-offs of tasks, over HTTP: made, listed, shown."""

from typing import Annotated, Any

import msgspec

from switchgear.domain.handoff import Deed, Friction, Handoff, Held, Wish
from switchgear.domain.target import Sensitivity
from switchgear.surfaces.http.admin.form import Form, answer, read_form
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request

PAGE, LONGEST_PAGE = 20, 100
MADE = 201

Agent = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[ -~]*\Z")]
Sender = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[ -~]*\Z")]
Criterion = Annotated[str, msgspec.Meta(max_length=300)]


class HandoffForm(Form, frozen=True, kw_only=True):
    """To whom a task is handed over, and what for."""

    to: Agent
    """The receiver, by the name that its calls say in ``x-switchgear-agent``."""
    sender: Sender = msgspec.field(default="", name="from")
    """By default who works on the task now, as far as that is known."""
    reason: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    acceptance: Annotated[tuple[Criterion, ...], msgspec.Meta(max_length=16)] = ()
    """What must hold for the receiver's work to be done."""
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    once: bool = False
    """Only the receiver's first call gets the package, not each of its calls."""


async def make(request: Request) -> None:
    """Hand a task over."""
    form = await read_form(request, HandoffForm)
    wish = Wish(
        receiver=form.to,
        sender=form.sender,
        reason=form.reason,
        acceptance=form.acceptance,
        note=form.note,
        once=form.once,
    )
    found = await request.gateway.handoffs.make(request.rest, wish, request.key)
    request.task = found.task
    await answer(request, told(found), MADE)


async def show_all(request: Request) -> None:
    """List the hand-offs of a task, newest first."""
    limit = number(asked(request), "limit", (1, LONGEST_PAGE), PAGE)
    found = await request.gateway.handoffs.list(request.rest, request.key, limit)
    await answer(request, {"object": "list", "data": [told(each) for each in found]})


async def show(request: Request) -> None:
    """Show one hand-off."""
    task, _, name = request.rest.partition("/")
    await answer(request, told(await request.gateway.handoffs.find(task, name, request.key)))


def told(handoff: Handoff) -> dict[str, Any]:
    """Return a hand-off as JSON-able values."""
    package = handoff.package
    return {
        "object": "task.handoff",
        "id": handoff.id,
        "task": handoff.task,
        "from": handoff.sender or None,
        "to": handoff.receiver,
        "state": handoff.state.value,
        "reason": handoff.reason,
        "acceptance": list(handoff.acceptance),
        "note": handoff.note,
        "once": handoff.once,
        "key": handoff.key or None,
        "at": handoff.at,
        "given": handoff.call or None,
        "times": handoff.times,
        "package": {
            "goal": package.goal,
            "pinned": [_entry(each) for each in package.pinned],
            "decisions": [_entry(each) for each in package.decisions],
            "open_questions": [_entry(each) for each in package.open_questions],
            "history": [_deed(each) for each in package.deeds],
            "concluded": package.concluded,
            "remaining": list(package.remaining),
        },
        "friction": [_friction(each) for each in handoff.friction],
    }


def _entry(held: Held) -> dict[str, Any]:
    return {
        "key": held.key,
        "type": held.type,
        "trust": held.trust,
        "revision": held.revision,
        "sensitivity": Sensitivity(held.sensitivity).name.lower(),
        "value": held.value,
    }


def _deed(deed: Deed) -> dict[str, Any]:
    return {
        "tool": deed.tool,
        "arguments": deed.arguments,
        "result": deed.result,
        "failed": deed.failed,
        "agent": deed.agent or None,
    }


def _friction(friction: Friction) -> dict[str, Any]:
    return {
        "calls": friction.calls,
        "tokens_reread": friction.reread,
        "calls_repeated": friction.repeated,
        "turns_to_new_result": friction.turns,
        "seconds_to_new_result": friction.seconds,
    }
