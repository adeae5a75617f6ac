import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.converse import events_of
from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    Overloaded,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamRejected,
)
from switchgear.domain.leaf import leaves
from switchgear.domain.units import Seconds
from switchgear.wire.bedrock_converse import TONGUE

NOT_AVAILABLE = "Invocation of model ID a with on-demand throughput isn't supported."


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (429, "Too many tokens, please wait before trying again.", UpstreamBusy),
        (429, "Model is not ready for inference.", UpstreamBusy),
        (403, "The security token included in the request is expired", UpstreamDenied),
        (404, "Could not resolve the foundation model", UpstreamDenied),
        (424, "The system encountered an unexpected error", UpstreamFailed),
        (408, "Model has timed out in processing the request.", UpstreamFailed),
        (503, "Service unavailable", UpstreamFailed),
        (500, "Internal", UpstreamFailed),
        (400, "Input is too long for requested model.", ContextTooLong),
        (400, "The model returned the following errors: prompt is too long: 9", ContextTooLong),
        (400, "input length and `max_tokens` exceed context limit: 1 + 2 > 3", ContextTooLong),
        (400, "The provided model identifier is invalid.", UpstreamDenied),
        (400, NOT_AVAILABLE, UpstreamDenied),
        (400, "Output blocked by content filtering policy", ContentFiltered),
        (400, "Malformed input request", UpstreamRejected),
    ],
)
def test_a_status_and_its_words_tell_what_follows(
    status: int, text: str, kind: type[UpstreamError]
) -> None:
    for field in ("message", "Message"):
        error = TONGUE.read_error(status, json.dumps({field: text}).encode(), Seconds(2.0))
        assert type(error) is kind
        assert error.provider_status == status
        assert (text in error.message) is (kind not in {UpstreamBusy, UpstreamDenied} and
                                           kind is not UpstreamFailed)  # fmt: skip


def test_a_busy_target_tells_how_long_to_wait() -> None:
    assert TONGUE.read_error(429, b"{}", Seconds(2.0)).retry_after == Seconds(2.0)


@given(st.integers(100, 599), st.binary(max_size=60))
def test_whatever_comes_is_an_error(status: int, raw: bytes) -> None:
    assert isinstance(TONGUE.read_error(status, raw, None), UpstreamError)


def test_errors_of_ours_have_names_that_awss_client_knows() -> None:
    for leaf in leaves():
        error = leaf("what happened")
        told = json.loads(TONGUE.write_error(error, "sg_1"))
        assert told["message"] == "what happened"
        assert told["reason"] == leaf.code
        raw = TONGUE.write_stream_error(error, "sg_1")
        with pytest.raises(Exception, match="what happened"):
            events_of(raw)


def test_what_waits_is_told_as_such_within_a_stream() -> None:
    with pytest.raises(Exception, match="throttlingException"):
        events_of(TONGUE.write_stream_error(UpstreamBusy(), "sg_1"))
    with pytest.raises(Exception, match="serviceUnavailableException"):
        events_of(TONGUE.write_stream_error(Overloaded(), "sg_1"))
