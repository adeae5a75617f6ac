"""What Google's errors mean, and how ours look in its dialect."""

import json

import pytest
from google.genai import errors

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamRejected,
)
from switchgear.domain.leaf import leaves
from switchgear.wire.gemini.failure import read_error, read_told, write_error, write_stream_error

INFO = "type.googleapis.com/google.rpc."


def body(message: str = "", code: int = 400, *details: object) -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "details": details}}).encode()


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (400, "The input token count (9) exceeds the maximum number of tokens allowed (8).", 1),
        (400, "Request payload size exceeds the limit: 20971520 bytes.", 1),
        (413, "", 1),
        (400, "API key not valid. Please pass a valid API key.", 2),
        (400, "API key expired. Please renew the API key.", 2),
        (400, "User location is not supported for the API use.", 2),
        (403, "Permission denied", 2),
        (404, "models/x is not found", 2),
        (429, "Quota", 3),
        (500, "Internal", 4),
        (503, "Overloaded", 4),
        (400, "The request was blocked: it violates our safety policy.", 5),
        (400, "Invalid value", 6),
        (200, "", 7),
    ],
)
def test_an_error_is_what_its_status_and_words_say(status: int, said: str, kind: int) -> None:
    kinds: list[type[UpstreamError]] = [
        *(ContextTooLong, UpstreamDenied, UpstreamBusy, UpstreamFailed),
        *(ContentFiltered, UpstreamRejected, UpstreamGarbled),
    ]
    found = read_error(status, body(said), None)
    assert type(found) is kinds[kind - 1]
    assert found.provider_status == status
    if kind == 2:
        assert said not in found.message


def test_the_reason_tells_of_a_bad_key_where_the_words_do_not() -> None:
    info = {"@type": INFO + "ErrorInfo", "reason": "API_KEY_INVALID"}
    assert type(read_error(400, body("?", 400, info), None)) is UpstreamDenied


@pytest.mark.parametrize(
    ("delay", "wait"), [("34.5s", 34.5), ("90s", 90.0), ("9999s", 300.0), ("soon", None), (7, None)]
)
def test_a_delay_among_the_details_is_waited_for(delay: object, wait: float | None) -> None:
    details = [{"@type": "other"}, {"@type": INFO + "RetryInfo", "retryDelay": delay}]
    assert read_error(429, body("Quota", 429, *details), None).retry_after == wait


def test_the_header_wins_over_the_details() -> None:
    info = {"@type": INFO + "RetryInfo", "retryDelay": "5s"}
    found = read_error(429, body("", 429, info), UpstreamBusy.retry_after or 2.0)  # type: ignore[arg-type]  # seconds
    assert found.retry_after == 2.0


def test_an_error_in_a_list_is_read_too() -> None:
    assert "Invalid" in read_error(400, b"[" + body("Invalid") + b"]", None).message
    assert read_error(400, b"[]", None).message


def test_an_error_within_an_answer_has_its_status_in_its_body() -> None:
    assert type(read_told(body("", 429))) is UpstreamBusy
    assert type(read_told(b'{"error":"odd"}')) is UpstreamFailed


@pytest.mark.parametrize("kind", leaves(), ids=lambda it: it.code)
def test_google_s_client_reads_our_errors(kind: type[UpstreamError]) -> None:
    error = kind()
    told = json.loads(write_error(error, "sg_1"))
    assert told["error"]["details"][0]["metadata"] == {"decision": "sg_1"}
    read = errors.APIError(error.status, told)
    assert (read.code, read.message) == (error.status, error.message)
    assert read.status == told["error"]["status"]


def test_a_wait_is_told_as_google_tells_it() -> None:
    details = json.loads(write_error(Overloaded(), "sg_1"))["error"]["details"]
    assert details[1]["retryDelay"] == "1.000s"


def test_an_error_in_a_stream_is_a_frame() -> None:
    frame = write_stream_error(Overloaded(), "sg_1")
    assert frame == b"data: " + write_error(Overloaded(), "sg_1") + b"\n\n"
