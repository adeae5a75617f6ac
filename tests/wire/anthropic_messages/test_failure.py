import json

import pytest
from anthropic.types import ThreadUnsupportedRequestErrorDetails
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    MalformedBody,
    SwitchgearError,
    ThreadUnsupported,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamRejected,
)
from switchgear.domain.leaf import leaves
from switchgear.domain.units import Seconds
from switchgear.wire.anthropic_messages import TONGUE
from switchgear.wire.failure import MAX_REASON

SECRET = "key sk-ant-1 is unknown"


def read(status: int, message: str, kind: str = "invalid_request_error") -> UpstreamError:
    told = {"type": "error", "error": {"type": kind, "message": message}}
    return TONGUE.read_error(status, json.dumps(told).encode(), None)


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "bad tool", UpstreamRejected),
        (400, "prompt is too long: 9 tokens > 8 maximum", ContextTooLong),
        (400, "input length and `max_tokens` exceed context limit: 1 + 2 > 3", ContextTooLong),
        (400, "Your credit balance is too low to access the API", UpstreamDenied),
        (400, "Output blocked by content filtering policy", ContentFiltered),
        (401, SECRET, UpstreamDenied),
        (402, SECRET, UpstreamDenied),
        (403, SECRET, UpstreamDenied),
        (404, SECRET, UpstreamDenied),
        (408, "", UpstreamFailed),
        (409, "", UpstreamFailed),
        (413, "", ContextTooLong),
        (425, "", UpstreamFailed),
        (422, "no", UpstreamRejected),
        (429, "", UpstreamBusy),
        (500, "", UpstreamFailed),
        (502, "", UpstreamFailed),
        (503, "", UpstreamFailed),
        (504, "", UpstreamFailed),
        (529, "", UpstreamFailed),
        (302, "", UpstreamGarbled),
    ],
)
def test_each_status_has_its_meaning(status: int, message: str, error: type[UpstreamError]) -> None:
    found = read(status, message)
    assert type(found) is error
    assert found.provider_status == status
    assert SECRET not in found.message


def test_a_reason_is_passed_on_short_and_clean_with_its_status() -> None:
    found = read(422, "a\r\nb\x00" + "c" * 999)
    assert found.status == 422
    assert found.message.startswith("The target says: a bc")
    assert len(found.message) == MAX_REASON + len("The target says: ")


def test_a_target_that_gives_no_reason_gets_the_errors_own_sentence() -> None:
    assert read(422, " ").message.startswith("The target says that the call itself is wrong")


def test_a_prompt_that_is_too_long_is_told_in_the_words_that_agents_look_for() -> None:
    for error in (ContextTooLong(), ContextTooLong("The target says: prompt is too long: 9 > 8")):
        message = json.loads(TONGUE.write_error(error, "sg_1"))["error"]["message"]
        assert message.count("prompt is too long") == 1


@given(st.integers(300, 599), st.binary(max_size=60), st.none() | st.floats())
def test_any_body_with_an_error_status_is_an_upstream_error(
    status: int, raw: bytes, wait: float | None
) -> None:
    found = TONGUE.read_error(status, raw, None if wait is None else Seconds(wait))
    assert isinstance(found, UpstreamError)
    assert found.retry_after is None or 0 <= found.retry_after <= 300


@pytest.mark.parametrize(("told", "kept"), [(-5.0, 0.0), (7.5, 7.5), (9e9, 300.0)])
def test_the_time_to_wait_is_kept_within_bounds(told: float, kept: float) -> None:
    assert TONGUE.read_error(429, b"", Seconds(told)).retry_after == kept


@pytest.mark.parametrize("leaf", leaves())
def test_every_error_of_ours_can_be_written(leaf: type[SwitchgearError]) -> None:
    found = json.loads(TONGUE.write_error(leaf(), "sg_1"))
    assert found["type"] == "error"
    assert found["request_id"] == found["error"]["decision"] == "sg_1"
    assert found["error"]["code"] == leaf.code
    assert found["error"]["type"].endswith("_error") or leaf.status == 413


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (415, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_each_status_has_the_apis_own_type(status: int, kind: str) -> None:
    error = MalformedBody("here")
    error.status = status
    found = json.loads(TONGUE.write_error(error, "sg_1"))["error"]
    assert (found["type"], found["message"]) == (kind, "here")


def test_an_error_in_a_stream_is_a_frame_that_a_tap_raises_again() -> None:
    raw = TONGUE.write_stream_error(UpstreamBusy("wait"), "sg_1")
    assert raw.startswith(b"event: error\ndata: {")
    with pytest.raises(UpstreamBusy):
        TONGUE.tap(()).feed(raw)


def test_who_is_refused_a_thread_is_told_so_in_the_words_that_the_sdk_waits_for() -> None:
    told = json.loads(TONGUE.write_error(ThreadUnsupported(), "sg_1"))["error"]
    ThreadUnsupportedRequestErrorDetails.model_validate(told["details"], strict=True)
    assert told["type"] == "invalid_request_error"
    assert "details" not in json.loads(TONGUE.write_error(MalformedBody("x"), "sg_1"))["error"]
