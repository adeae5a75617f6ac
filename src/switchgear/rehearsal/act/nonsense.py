"""Answers with status 200 that are no answers, or are flawed."""

from collections.abc import Callable
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.act.answer import good, good_whole, healthy
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import STREAM_ONLY, WHOLE_ONLY, Expect, Phase, row
from switchgear.rehearsal.step import (
    HTML,
    JSON,
    SSE,
    Steps,
    respond,
    streamed,
)
from switchgear.rehearsal.voice import content_frame, encode, error_body, error_frame, usage_frame

PAGE = b"<!doctype html><title>502</title><p>Simulated: a proxy's page.</p>"
ABSURD = 9_000_000_000_000_000_000


def error_body_200(ask: Ask, _: str) -> Steps:
    """Send an error as if it were a success."""
    return [respond(error_body(ask, _server_error(ask), "Simulated: overloaded."))]


def error_event(ask: Ask, _: str) -> Steps:
    """Begin a stream, and send an error in it before any content."""
    if not ask.stream:
        return error_body_200(ask, "")
    told = error_frame(ask, _server_error(ask), "Simulated: overloaded.")
    return streamed([*good(ask).opening, told])


def error_mid_stream(ask: Ask, _: str) -> Steps:
    """Send an error in the middle of a stream."""
    if not ask.stream:
        return error_body_200(ask, "")
    told = error_frame(ask, _server_error(ask), "Simulated: overloaded.")
    return streamed([*good(ask).before_break(), told])


def html(_: Ask, __: str) -> Steps:
    """Send a page."""
    return [respond(PAGE, kind=HTML)]


def empty(ask: Ask, _: str) -> Steps:
    """Send no body."""
    return [respond(b"", kind=SSE if ask.stream else JSON)]


def truncated_json(ask: Ask, _: str) -> Steps:
    """Send the first half of a JSON body as if it were all."""
    body = good_whole(ask)
    return [respond(body[: len(body) // 2])]


def malformed_json(ask: Ask, _: str) -> Steps:
    """Send a body that is no JSON."""
    return [respond(good_whole(ask).replace(b'"model":', b'"model";', 1))]


def wrong_type(ask: Ask, _: str) -> Steps:
    """Send the right body under the wrong content type."""
    if ask.stream:
        return [respond(b"".join(good(ask).all()), kind=b"text/plain")]
    return [respond(good_whole(ask), kind=b"text/plain")]


def json_for_sse(ask: Ask, _: str) -> Steps:
    """Send a whole answer where a stream was asked for."""
    return [respond(good_whole(ask))]


def sse_for_json(ask: Ask, _: str) -> Steps:
    """Send a stream where a whole answer was asked for."""
    return streamed(good(ask).all())


def truncated_sse(ask: Ask, _: str) -> Steps:
    """End the HTTP message properly in the middle of the stream."""
    return streamed(good(ask).before_break())


def missing_done(ask: Ask, _: str) -> Steps:
    """End a stream after its reason to stop, without the terminal event."""
    it = good(ask)
    return streamed([*it.opening, *it.content, *it.closing])


def usage_missing(ask: Ask, _: str) -> Steps:
    """Leave the usage out."""
    return _edited(ask, _without_usage)


def usage_twice(ask: Ask, _: str) -> Steps:
    """Tell the usage twice, differently."""
    if not ask.stream:
        return healthy(ask)
    it = good(ask)
    again = usage_frame(ask, 13)
    return streamed([*it.opening, *it.content, *it.closing, again, *it.terminal])


def usage_absurd(ask: Ask, _: str) -> Steps:
    """Tell a usage that cannot be."""
    return _edited(ask, _with_absurd_usage)


def corrupt_event(ask: Ask, _: str) -> Steps:
    """Put one event that is no JSON between good ones."""
    broken = content_frame(ask, "lost")[:-20] + b"\n\n"
    it = good(ask)
    middle = len(it.content) // 2
    return streamed(
        [*it.opening, *it.content[:middle], broken, *it.content[middle:], *it.closing, *it.terminal]
    )


def invalid_utf8(ask: Ask, _: str) -> Steps:
    """Put bytes that are no UTF-8 into the text."""
    if not ask.stream:
        return [respond(good_whole(ask).replace(b"seven", b"se\xff\xfeven"))]
    frames = [frame.replace(b"seven", b"se\xff\xfeven") for frame in good(ask).all()]
    return streamed(frames)


def _server_error(ask: Ask) -> str:
    return "server_error" if ask.dialect is Dialect.OPENAI_CHAT else "overloaded_error"


def _edited(ask: Ask, edit: Callable[[dict[str, Any]], None]) -> Steps:
    """Answer well, with every JSON object edited."""
    if not ask.stream:
        return [respond(_edit(good_whole(ask), edit))]
    frames = []
    for frame in good(ask).all():
        before, mark, data = frame.partition(b"data: ")
        known = data.startswith(b"{")
        frames.append(before + mark + _edit(data.strip(), edit) + b"\n\n" if known else frame)
    return streamed(frames)


def _edit(raw: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    told: dict[str, Any] = msgspec.json.decode(raw)
    edit(told)
    if isinstance(told.get("message"), dict):
        edit(told["message"])
    return encode(told)


def _without_usage(told: dict[str, Any]) -> None:
    told.pop("usage", None)


def _with_absurd_usage(told: dict[str, Any]) -> None:
    if isinstance(told.get("usage"), dict):
        told["usage"] = dict.fromkeys(told["usage"], ABSURD) | {"completion_tokens": -5}


ROWS = (
    row(
        "error-body",
        Phase.HEAD,
        Expect.FALLBACK,
        error_body_200,
        "Status 200, and an error in the body.",
        spoils=True,
    ),
    row(
        "error-event",
        Phase.OPENING,
        Expect.FALLBACK,
        error_event,
        "An error as the first event.",
        spoils=True,
    ),
    row(
        "error-mid-stream",
        Phase.CONTENT,
        Expect.RESCUE,
        error_mid_stream,
        "An error event in the middle of the stream.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row("html", Phase.HEAD, Expect.FALLBACK, html, "Status 200, and a page.", spoils=True),
    row("empty", Phase.HEAD, Expect.FALLBACK, empty, "Status 200, and nothing.", spoils=True),
    row(
        "truncated-json",
        Phase.HEAD,
        Expect.FALLBACK,
        truncated_json,
        "Half a JSON body.",
        spoils=True,
    ),
    row(
        "malformed-json",
        Phase.HEAD,
        Expect.FALLBACK,
        malformed_json,
        "A body that is no JSON.",
        spoils=True,
    ),
    row(
        "wrong-content-type",
        Phase.HEAD,
        Expect.FALLBACK,
        wrong_type,
        "The answer as text/plain.",
        spoils=True,
    ),
    row(
        "json-for-sse",
        Phase.HEAD,
        Expect.FALLBACK,
        json_for_sse,
        "A whole answer where a stream was asked for.",
        forms=STREAM_ONLY,
        spoils=True,
    ),
    row(
        "sse-for-json",
        Phase.HEAD,
        Expect.FALLBACK,
        sse_for_json,
        "A stream where a whole answer was asked for.",
        forms=WHOLE_ONLY,
        spoils=True,
    ),
    row(
        "truncated-sse",
        Phase.CONTENT,
        Expect.RESCUE,
        truncated_sse,
        "A stream that ends in the middle, properly as HTTP.",
        forms=STREAM_ONLY,
        spoils=True,
    ),
    row(
        "missing-done",
        Phase.END,
        Expect.ANSWER,
        missing_done,
        "A stream with a reason to stop, but no terminal event.",
        forms=STREAM_ONLY,
    ),
    row("usage-missing", Phase.END, Expect.ANSWER, usage_missing, "No usage."),
    row(
        "usage-twice",
        Phase.END,
        Expect.ANSWER,
        usage_twice,
        "The usage twice, differently.",
        forms=STREAM_ONLY,
    ),
    row("usage-absurd", Phase.END, Expect.ANSWER, usage_absurd, "A usage that cannot be."),
    row(
        "corrupt-event",
        Phase.CONTENT,
        Expect.ANSWER,
        corrupt_event,
        "One event that is no JSON, between good ones.",
        forms=STREAM_ONLY,
    ),
    row(
        "invalid-utf8",
        Phase.CONTENT,
        Expect.BOUNDED,
        invalid_utf8,
        "Bytes in the text that are no UTF-8.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
)
