"""Errors that the Responses API tells, in the shape that both of OpenAI's APIs have."""

import json

import pytest
from openai.types.responses.response_error import ResponseError

from switchgear.domain import errors
from switchgear.wire.openai_failure import STATUS_OF, read_error, stream_error, write_error

CODES = ResponseError.model_fields["code"].annotation
PASSING = {"server_error", "vector_store_timeout"}


@pytest.mark.parametrize("code", getattr(CODES, "__args__", ()))
def test_every_code_of_a_failed_response_is_known(code: str) -> None:
    raw = json.dumps({"error": {"code": code, "message": "m"}}).encode()
    assert (code in STATUS_OF) != (code in PASSING)
    found = stream_error(raw)
    if code in PASSING:
        assert type(found) is errors.UpstreamFailed
    else:
        assert isinstance(found, errors.UpstreamBusy | errors.UpstreamRejected)
    assert isinstance(found, errors.ContentFiltered) == ("policy" in code)


def test_an_error_that_is_written_is_read_as_the_callers_own() -> None:
    raw = write_error(errors.UpstreamRejected("no such thing"), "sg_1")
    found = read_error(400, raw, None)
    assert type(found) is errors.UpstreamRejected
    assert "no such thing" in found.message
    assert json.loads(raw)["error"]["decision"] == "sg_1"
