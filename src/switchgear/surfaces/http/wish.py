"""What the request's headers say of the call: wishes to us, and words to the target."""

from collections.abc import Mapping
from contextlib import suppress

from switchgear.domain.caller import Wishes
from switchgear.domain.errors import MalformedRequest
from switchgear.domain.priority import Priority
from switchgear.domain.target import Tier
from switchgear.domain.units import Seconds
from switchgear.engine.identity import (
    BAGGAGE,
    MARKS,
    MOST_LETTERS,
    OLD_SESSION,
    OLD_THREAD,
    SESSION,
    THREAD,
    USER_AGENT,
)
from switchgear.surfaces.http.request import Request

CARRIED = (
    b"anthropic-version",
    b"anthropic-beta",
    b"openai-organization",
    b"openai-project",
    b"openai-beta",
)
"""Headers that belong to a dialect, and go on to a target that speaks it."""

IDEMPOTENCY = b"idempotency-key"
MOST_KEY_LETTERS = 255
"""Of an idempotency key; Stripe's bound, which clients know."""
TIERS = {tier.name.lower(): tier for tier in Tier}
TRUE, FALSE = {"true", "1"}, {"", "false", "0"}
PREFIX = b"x-switchgear-"
TEXTS = (PREFIX + b"task", PREFIX + b"parent-task", PREFIX + b"agent")
TIMEOUTS = (PREFIX + b"timeout-s", b"x-stainless-read-timeout", b"x-stainless-timeout")
LONGEST_TIMEOUT = 86_400.0
PRIORITIES = {each.name.lower(): each for each in Priority}
TELLING = {name.encode(): name for name in MARKS}
AGENT, LONG = USER_AGENT.encode(), BAGGAGE.encode()
AMBIGUOUS = frozenset(
    {THREAD.encode(), SESSION.encode(), OLD_THREAD.encode(), OLD_SESSION.encode()}
)
"""Headers that tell something only beside a user agent that is known to send them."""
MOST_BAGGAGE = 8192
"""Bytes; W3C Baggage, 3.3.1."""
OURS = frozenset({*TEXTS, PREFIX + b"tier", PREFIX + b"debug", PREFIX + b"priority"})
ALL_WISHES = OURS.union(TELLING)
SILENT = Wishes()
"""Of a caller that asks for nothing."""
ALL_CARRIED = frozenset(CARRIED)


def wishes(request: Request) -> Wishes:
    """Return what the caller asks of us.

    Raises:
        MalformedRequest: a header holds what it cannot.
    """
    patience = _patience(request)
    if ALL_WISHES.isdisjoint(request.headers):
        return SILENT if patience is None else Wishes(patience=patience)
    marks = marks_in(request.headers)
    if OURS.isdisjoint(request.headers):
        return Wishes(marks=marks, patience=patience)
    task, parent, agent = [_text(request, name) for name in TEXTS]
    return Wishes(
        marks=marks,
        task=task,
        parent_task=parent,
        agent=agent,
        floor=_tier(_text(request, b"x-switchgear-tier")),
        debug=_flag(_text(request, b"x-switchgear-debug")),
        priority=_priority(_text(request, b"x-switchgear-priority")),
        patience=patience,
    )


def marks_in(headers: Mapping[bytes, bytes]) -> tuple[tuple[str, str], ...]:
    """Return the headers that may tell which task it is.

    They are others' and mean something to them: what cannot be a name of ours is left out.
    """
    found = [
        (TELLING[name], value.decode())
        for name, value in headers.items()
        if name in TELLING and _fits(value, MOST_BAGGAGE if name == LONG else MOST_LETTERS)
    ]
    if not AMBIGUOUS.isdisjoint(headers) and AGENT in headers:
        found.append((USER_AGENT, headers[AGENT][:MOST_LETTERS].decode("latin-1")))
    return tuple(found)


def _fits(value: bytes, most: int) -> bool:
    return len(value) <= most and value.isascii() and value.decode("ascii").isprintable()


def _patience(request: Request) -> Seconds | None:
    """Return how long the caller waits for an answer to begin; official SDKs say it unasked."""
    for name in TIMEOUTS:
        said = request.headers.get(name)
        if said is not None:
            return _seconds(said, ours=name is TIMEOUTS[0])
    return None


def _seconds(said: bytes, *, ours: bool) -> Seconds | None:
    """Return a span of seconds.

    Raises:
        MalformedRequest: it is none, and it was meant for us.
    """
    with suppress(ValueError):
        span = float(said)
        if 0 < span < LONGEST_TIMEOUT:
            return Seconds(span)
    if ours:
        raise MalformedRequest("x-switchgear-timeout-s: a number of seconds above 0")
    return None


def carried(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the headers for the target."""
    headers = request.headers
    if ALL_CARRIED.isdisjoint(headers):
        return ()
    return tuple(
        [(name.decode(), headers[name].decode("latin-1")) for name in CARRIED if name in headers]
    )


def idempotency(request: Request) -> str:
    """Return the key under which the call may come again; empty when there is none.

    Raises:
        MalformedRequest: it is too long, or not printable.
    """
    if IDEMPOTENCY not in request.headers:
        return ""
    return _text(request, IDEMPOTENCY, MOST_KEY_LETTERS)


def _text(request: Request, name: bytes, most: int = MOST_LETTERS) -> str:
    text = request.header(name)
    if len(text) > most or not (text.isascii() and (text.isprintable() or not text)):
        raise MalformedRequest(
            f"The header {name.decode()} takes at most {most} printable ASCII characters."
        )
    return text


def _tier(text: str) -> Tier | None:
    if text and text not in TIERS:
        raise MalformedRequest(f"x-switchgear-tier is one of {', '.join(TIERS)}.")
    return TIERS.get(text)


def _priority(text: str) -> Priority | None:
    if text and text not in PRIORITIES:
        raise MalformedRequest(f"x-switchgear-priority is one of {', '.join(PRIORITIES)}.")
    return PRIORITIES.get(text)


def _flag(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise MalformedRequest("x-switchgear-debug is true or false.")
    return text.lower() in TRUE
