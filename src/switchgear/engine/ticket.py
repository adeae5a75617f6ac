"""What may become of a ticket, who may see and decide it, and what its task does then."""

from hashlib import sha256

import msgspec

from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import MalformedBody, NotAllowed
from switchgear.domain.supervision import TicketDecided
from switchgear.domain.task import Caps, Status, Task
from switchgear.domain.ticket import (
    Decided,
    Question,
    Ruling,
    Ticket,
    TicketKind,
    TicketState,
    Verdict,
)
from switchgear.domain.units import UnixMs

MOST_TEXT = 4_000
"""Letters of a question, and of a note."""
MOST_ACTION = 32_768
"""Bytes of a proposed action, and of an answer, as canonical JSON."""
MOST_NAME = 200
"""Letters of an agent's name, and of a decider's id."""

VERDICTS = {
    TicketKind.APPROVAL: (Verdict.APPROVE, Verdict.DENY, Verdict.TAKE_OVER),
    TicketKind.INPUT: (Verdict.ANSWER, Verdict.DENY, Verdict.TAKE_OVER),
    TicketKind.TAKEOVER: (Verdict.TAKE_OVER, Verdict.DENY, Verdict.APPROVE),
}
"""What may be said to each kind; to approve a takeover is to let the agent go on alone."""
STATES = {
    Verdict.APPROVE: TicketState.APPROVED,
    Verdict.DENY: TicketState.DENIED,
    Verdict.ANSWER: TicketState.ANSWERED,
    Verdict.TAKE_OVER: TicketState.TAKEN_OVER,
}
DEFAULTS = (Verdict.APPROVE, Verdict.DENY)

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: object) -> str:
    """Return JSON-able values as the one text that all spellings of them have.

    Keys are sorted and spaces gone; 1 and 1.0 are two values, and so are strings that only look
    alike: what differs is never taken for the same.

    Raises:
        MalformedBody: it is too large.
    """
    found = _encoder.encode(value)
    if len(found) > MOST_ACTION:
        raise MalformedBody(f"It is too large: {MOST_ACTION} bytes of JSON are the most.")
    return found.decode()


def digest_of(action: str) -> str:
    """Return the SHA-256 of an action's canonical JSON, hexadecimal; empty for none."""
    return sha256(action.encode()).hexdigest() if action else ""


def check(question: Question) -> None:
    """Check that a question can be asked.

    Raises:
        MalformedBody: it cannot; the message says why.
    """
    if not question.text.strip() or len(question.text) > MOST_TEXT:
        raise MalformedBody(f"text is what is asked, in at most {MOST_TEXT} letters.")
    if len(question.agent) > MOST_NAME:
        raise MalformedBody(f"agent has at most {MOST_NAME} letters.")
    if question.default not in {None, *DEFAULTS}:
        raise MalformedBody("default is approve or deny.")
    if question.default is Verdict.APPROVE and question.kind is TicketKind.INPUT:
        raise MalformedBody("What asks for input has no answer by default; its default is deny.")


def owns(key: Key, ticket: Ticket) -> bool:
    """Whether a ticket is a key's, as tasks are: its own, its makers', its tenant's."""
    if key.tenant or ticket.tenant:
        return key.tenant == ticket.tenant
    return ticket.key == key.id or ticket.key in {maker.id for maker in key.makers}


def may_see(key: Key, ticket: Ticket) -> bool:
    """Whether a key may read a ticket: who decides sees its tenant's, and without one any."""
    return owns(key, ticket) or (may_decide(key) and not key.tenant)


def may_decide(key: Key) -> bool:
    """Whether a key decides tickets, within its own tenant if it has one."""
    return bool(key.rights & {Right.DECIDE, Right.ADMIN})


def decide(ticket: Ticket, ruling: Ruling, by: str, now: UnixMs) -> Ticket:
    """Return the ticket as decided.

    Raises:
        MalformedBody: that cannot be said to a ticket of its kind.
        TicketDecided: it is decided; the message says how.
    """
    _check_ruling(ticket, ruling)
    if ticket.decided is not None:
        raise TicketDecided(told(ticket))
    if ticket.deadline <= now:
        raise TicketDecided("Its deadline has passed, so its default holds.")
    decided = Decided(ruling=ruling, by=by, at=now)
    return msgspec.structs.replace(ticket, state=STATES[ruling.verdict], decided=decided)


def same(ticket: Ticket, ruling: Ruling, by: str) -> bool:
    """Whether a decision is the one that was made, sent once more."""
    known = ticket.decided
    return known is not None and bool(ruling.id) and (known.by, known.ruling) == (by, ruling)


def expire(ticket: Ticket, now: UnixMs) -> Ticket:
    """Return a ticket after its deadline: what it says by default is decided."""
    decided = Decided(ruling=Ruling(verdict=ticket.default), at=now, by_default=True)
    return msgspec.structs.replace(ticket, state=TicketState.EXPIRED, decided=decided)


def claim(ticket: Ticket, action: str, by: str, now: UnixMs) -> Ticket:
    """Return the ticket with its action begun, if that is what was approved.

    Raises:
        TicketDecided: it is open, was not approved, or was claimed before.
        NotAllowed: the action is another than the one that was approved.
    """
    if ticket.verdict is None:
        raise TicketDecided("It is open: nobody has approved this yet.")
    if ticket.verdict is not Verdict.APPROVE:
        raise TicketDecided(f"It was not approved. {told(ticket)}")
    if not ticket.digest or digest_of(action) != ticket.digest:
        raise NotAllowed("This is not the action that was approved; ask again with this one.")
    if ticket.claimed is not None:
        raise TicketDecided("It was claimed before; what is approved once is done once.")
    return msgspec.structs.replace(ticket, claimed=now, claimed_by=by)


def waits(task: Task, ticket: Ticket) -> bool:
    """Whether a task waits for a ticket; also one that was stopped while it did."""
    return task.ticket == ticket.id and task.status in {Status.PAUSED, Status.STOPPED}


def paused(task: Task, ticket: Ticket) -> Task:
    """Return the task as it waits for a ticket."""
    asked = ticket.question
    return msgspec.structs.replace(
        task,
        status=Status.PAUSED,
        why=asked.why or asked.text,
        code=asked.code or "by_hand",
        ticket=ticket.id,
    )


def resumed(task: Task, ticket: Ticket) -> Task:
    """Return the task that waited for a ticket, as the decision leaves it.

    One that is stopped keeps the code of what it was paused for: what ends that, ends this.
    """
    known = ticket.decided
    if known is None:
        return task
    match known.ruling.verdict:
        case Verdict.APPROVE | Verdict.ANSWER:
            caps = _raised(task.caps, known.ruling.caps)
            return msgspec.structs.replace(
                task, status=Status.RUNNING, why="", code="", ticket="", caps=caps
            )
        case Verdict.TAKE_OVER:
            why = f"A human has taken it over (ticket {ticket.id})."
            return msgspec.structs.replace(task, why=why, code="by_hand", ticket="")
        case Verdict.DENY:
            why = f"Ticket {ticket.id}: {told(ticket)}"
            return msgspec.structs.replace(task, status=Status.STOPPED, why=why, ticket="")


def told(ticket: Ticket) -> str:
    """Return in words how a ticket was decided; nothing of its content."""
    known = ticket.decided
    if known is None:
        return "Nobody has decided it yet."
    verdict = known.ruling.verdict.value.replace("_", " ")
    if known.by_default:
        return f"Nobody decided it before its deadline, and its default is {verdict}."
    who = f"the key {known.by}" if known.by else "somebody at the machine"
    return f"It was decided already: {verdict}, by {who}."


def _check_ruling(ticket: Ticket, ruling: Ruling) -> None:
    fitting = VERDICTS[ticket.question.kind]
    if ruling.verdict not in fitting:
        known = ", ".join(each.value for each in fitting)
        kind = ticket.question.kind.value
        raise MalformedBody(f"A ticket of kind {kind} takes {known}.")
    answers = ruling.verdict is Verdict.ANSWER
    if (answers and not (ruling.answer or ruling.caps)) or (ruling.answer and not answers):
        raise MalformedBody("What is answered is in answer or in caps; only an answer has it.")
    if len(ruling.note) > MOST_TEXT or len(ruling.id) > MOST_NAME:
        raise MalformedBody(f"A note has at most {MOST_TEXT} letters, an id {MOST_NAME}.")
    if ruling.caps is not None and ruling.verdict not in {Verdict.APPROVE, Verdict.ANSWER}:
        raise MalformedBody("Caps are raised only for a task that goes on.")


def _raised(caps: Caps, wanted: Caps | None) -> Caps:
    """Return caps in which what was said stands above what was there."""
    if wanted is None:
        return caps
    said = {name: getattr(wanted, name) for name in Caps.__struct_fields__}
    return msgspec.structs.replace(
        caps, **{name: value for name, value in said.items() if value is not None}
    )
