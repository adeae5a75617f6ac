"""What error answers mean."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain import errors
from switchgear.domain.leaf import leaves
from switchgear.domain.units import Seconds
from switchgear.wire.failure import MAX_REASON
from switchgear.wire.openai_chat.failure import read_error, write_error


def body(message: str = "m", code: object = None, kind: str = "invalid_request_error") -> bytes:
    return json.dumps({"error": {"message": message, "type": kind, "code": code}}).encode()


@pytest.mark.parametrize(
    ("status", "raw", "kind"),
    [
        (429, body(), errors.UpstreamBusy),
        (429, body(code="insufficient_quota"), errors.UpstreamDenied),
        (429, body(code=None, kind="insufficient_quota"), errors.UpstreamDenied),
        *((status, b"<html>", errors.UpstreamFailed) for status in (500, 502, 503, 504, 529)),
        *((status, body(), errors.UpstreamFailed) for status in (408, 409, 425)),
        (400, body("Incorrect API key provided: sk-secret"), errors.UpstreamDenied),
        (400, body("API key not valid. Please pass a valid API key."), errors.UpstreamDenied),
        *((status, body(), errors.UpstreamDenied) for status in (401, 402, 403, 404)),
        (400, body(), errors.UpstreamRejected),
        (422, b'{"detail":[{"loc":["body"]}]}', errors.UpstreamRejected),
        (400, body(code="content_policy_violation"), errors.ContentFiltered),
        (403, body(code="moderation_blocked"), errors.ContentFiltered),
        (400, body(code="context_length_exceeded"), errors.ContextTooLong),
        (400, body("This model's maximum context length is 5 tokens."), errors.ContextTooLong),
        (400, body("Please reduce the length of the messages."), errors.ContextTooLong),
        (400, b'{"error":"input exceeds the available context size"}', errors.ContextTooLong),
        (400, b'[{"error":{"message":"The input token count (9) exceeds the maximum"}}]',
         errors.ContextTooLong),
        (200, body(), errors.UpstreamGarbled),
        (200, b"<html>", errors.UpstreamGarbled),
    ],
)  # fmt: skip
def test_an_error_answer_means(status: int, raw: bytes, kind: type[errors.UpstreamError]) -> None:
    found = read_error(status, raw, None)
    assert type(found) is kind
    assert found.provider_status == status


@given(st.integers(100, 599), st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["error", "message", "code", "type", "detail"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_at_any_status_are_some_upstream_error(status: int, raw: bytes) -> None:
    found = read_error(status, raw, Seconds(1.0))
    assert found.message
    assert found.message.isprintable()


@pytest.mark.parametrize(
    ("said", "kept"), [(None, None), (-1.0, 0.0), (2.5, 2.5), (301.0, 300.0), (1e12, 300.0)]
)
def test_the_wait_asked_for_is_kept_within_bounds(said: float | None, kept: float | None) -> None:
    wait = None if said is None else Seconds(said)
    for status in (429, 503, 529):
        assert read_error(status, b"", wait).retry_after == kept
    for status in (400, 401):  # where waiting does not help
        assert read_error(status, b"", wait).retry_after is None


def test_what_a_target_says_of_our_credential_is_not_passed_on() -> None:
    for status in (400, 401, 402, 403, 404):
        found = read_error(status, body("Incorrect API key provided: sk-secret"), None)
        assert type(found) is errors.UpstreamDenied
        assert "sk-secret" not in found.message


def test_a_reason_is_passed_on_short_and_on_one_line() -> None:
    found = read_error(400, body("bad\r\n\x1b[31m field " + "x" * 1000), None)
    assert found.message.startswith("The target says: bad [31m field x")
    assert len(found.message) <= MAX_REASON + len("The target says: ")


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_rejection_keeps_its_status(status: int) -> None:
    assert read_error(status, body(), None).status == status
    assert errors.UpstreamRejected.status == 400


def test_a_body_too_long_to_be_an_error_is_not_read() -> None:
    long = body("maximum context length" + "x" * (1 << 20))
    assert type(read_error(400, long, None)) is errors.UpstreamRejected


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.code)
def test_every_error_is_written_in_the_shape_that_sdks_read(
    leaf: type[errors.SwitchgearError],
) -> None:
    told = json.loads(write_error(leaf(), "sg_1"))["error"]
    assert (told["code"], told["decision"], told["param"]) == (leaf.code, "sg_1", None)
    assert told["message"]
    assert (told["type"] == "server_error") == (leaf.status >= 500)
