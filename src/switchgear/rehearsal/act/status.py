"""Providers that say no, in the words that real ones use."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.act.answer import healthy
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import Expect, Phase, Rhythm, row
from switchgear.rehearsal.step import Steps, respond, streamed
from switchgear.rehearsal.voice import error_body, parts, whole

CHAT = {
    400: ("invalid_request_error", "Simulated: a parameter is wrong.", "invalid_value"),
    401: ("invalid_request_error", "Simulated: incorrect API key provided.", "invalid_api_key"),
    402: ("insufficient_quota", "Simulated: insufficient balance.", None),
    403: ("permission_error", "Simulated: no access to the model.", None),
    404: ("invalid_request_error", "Simulated: the model does not exist.", "model_not_found"),
    429: ("requests", "Simulated: rate limit reached for requests.", "rate_limit_exceeded"),
}
MESSAGES = {
    400: ("invalid_request_error", "Simulated: a parameter is wrong."),
    401: ("authentication_error", "Simulated: invalid x-api-key."),
    402: ("billing_error", "Simulated: a problem with the payment."),
    403: ("permission_error", "Simulated: no permission for the model."),
    404: ("not_found_error", "Simulated: model not found."),
    429: ("rate_limit_error", "Simulated: this would exceed the rate limit."),
    529: ("overloaded_error", "Overloaded"),
}
FILTER_CHAT = "Simulated: the prompt was filtered by the content management policy."
FILTER_MESSAGES = "Simulated: output blocked by content filtering policy"


def status(ask: Ask, number: str) -> Steps:
    """Answer with this status, in the dialect's shape."""
    return refuse(ask, int(number))


def refuse(ask: Ask, number: int, also: Sequence[bytes] = ()) -> Steps:
    """Answer with a status and more header lines."""
    code: str | None = None
    if ask.dialect is Dialect.OPENAI_CHAT:
        known = CHAT.get(number, ("server_error", "Simulated: the server had an error.", None))
        kind, message, code = known
    else:
        kind, message = MESSAGES.get(number, ("api_error", "Simulated: internal server error."))
    return [respond(error_body(ask, kind, message, code), status=number, also=tuple(also))]


def retry_after(ask: Ask, value: str) -> Steps:
    """Answer 429 with a Retry-After of this value; ``date`` is two seconds from now."""
    if value == "date":
        soon = datetime.now(UTC) + timedelta(seconds=2)
        value = format_datetime(soon, usegmt=True)
    return refuse(ask, 429, [b"retry-after: " + value.encode()])


def retry_after_ms(ask: Ask, value: str) -> Steps:
    """Answer 429 with OpenAI's own header, in milliseconds."""
    return refuse(ask, 429, [b"retry-after-ms: " + value.encode()])


def out_of_quota(ask: Ask, _: str) -> Steps:
    """Answer that the account has no credit left."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        told = ("insufficient_quota", "You exceeded your current quota.", "insufficient_quota")
        return [respond(error_body(ask, *told), status=429)]
    told_message = "Your credit balance is too low to access the API."
    return [respond(error_body(ask, "invalid_request_error", told_message), status=400)]


def too_long(ask: Ask, _: str) -> Steps:
    """Answer that the input does not fit the window."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        message = "This model's maximum context length is 8192 tokens, you asked for 9000."
        body = error_body(ask, "invalid_request_error", message, "context_length_exceeded")
    else:
        message = "prompt is too long: 9000 tokens > 8192 maximum"
        body = error_body(ask, "invalid_request_error", message)
    return [respond(body, status=400)]


def filtered(ask: Ask, _: str) -> Steps:
    """Answer that a safety filter refuses the call."""
    chat = ask.dialect is Dialect.OPENAI_CHAT
    message = FILTER_CHAT if chat else FILTER_MESSAGES
    code = "content_filter" if chat else None
    return [respond(error_body(ask, "invalid_request_error", message, code), status=400)]


def filtered_finish(ask: Ask, _: str) -> Steps:
    """Answer with a few words, and end because of a safety filter."""
    stop = "content_filter" if ask.dialect is Dialect.OPENAI_CHAT else "refusal"
    if ask.stream:
        return streamed(parts(ask, ["I", " cannot"], stop).all())
    return [respond(whole(ask, "I cannot", stop))]


def prefill_rejected(ask: Ask, _: str) -> Steps:
    """Refuse a conversation that ends with the assistant's words; else answer well."""
    if not ask.prefilled:
        return healthy(ask)
    message = "This model does not support assistant message prefill."
    return [respond(error_body(ask, "invalid_request_error", message), status=400)]


LIMITED = (
    row(
        "429",
        Phase.HEAD,
        Expect.FALLBACK,
        status,
        "Out of room, without saying how long.",
        argument="429",
    ),
    *(
        row(
            f"429-retry-after-{value}",
            Phase.HEAD,
            Expect.FALLBACK,
            retry_after,
            f"Out of room; Retry-After: {said}.",
            argument=value,
        )
        for value, said in (
            ("2", "2"),
            ("date", "a date in two seconds"),
            ("999999", "999999"),
            ("-1", "-1"),
            ("abc", "abc"),
        )
    ),
    row(
        "429-retry-after-ms-1500",
        Phase.HEAD,
        Expect.FALLBACK,
        retry_after_ms,
        "Out of room; retry-after-ms: 1500.",
        argument="1500",
    ),
    row(
        "429-once",
        Phase.HEAD,
        Expect.FALLBACK,
        status,
        "Out of room for the first request.",
        argument="429",
        rhythm=Rhythm.ONCE,
    ),
    row(
        "out-of-quota",
        Phase.HEAD,
        Expect.FALLBACK,
        out_of_quota,
        "Out of credit, in the provider's own words.",
    ),
)
FAILING = tuple(
    each
    for number in ("500", "502", "503", "504", "529")
    for each in (
        row(
            number,
            Phase.HEAD,
            Expect.FALLBACK,
            status,
            f"Status {number}, always.",
            argument=number,
        ),
        row(
            f"{number}-once",
            Phase.HEAD,
            Expect.ANSWER,
            status,
            f"Status {number} for the first request.",
            argument=number,
            rhythm=Rhythm.ONCE,
        ),
        row(
            f"{number}-half",
            Phase.HEAD,
            Expect.FALLBACK,
            status,
            f"Status {number} for two requests, none for the next two, and so on.",
            argument=number,
            rhythm=Rhythm.HALF,
        ),
    )
)
REFUSING = (
    *(
        row(
            number,
            Phase.HEAD,
            Expect.FALLBACK,
            status,
            f"Status {number}: the credential, the quota or the model.",
            argument=number,
        )
        for number in ("401", "402", "403", "404")
    ),
    row(
        "400",
        Phase.HEAD,
        Expect.PASSED_ON,
        status,
        "Status 400: the caller's own mistake.",
        argument="400",
    ),
    row(
        "context-too-long",
        Phase.HEAD,
        Expect.LARGER,
        too_long,
        "The input does not fit its window.",
    ),
    row(
        "content-filter",
        Phase.HEAD,
        Expect.PASSED_ON,
        filtered,
        "A safety filter refuses the call.",
    ),
    row(
        "content-filter-finish",
        Phase.END,
        Expect.FILTERED,
        filtered_finish,
        "A safety filter ends the answer.",
    ),
    row(
        "prefill-rejected",
        Phase.NEVER,
        Expect.ANSWER,
        prefill_rejected,
        "Answers well, but refuses a conversation that ends with its own words.",
    ),
)
ROWS = (*LIMITED, *FAILING, *REFUSING)
