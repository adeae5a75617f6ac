"""What a status means by itself, whatever the dialect."""

import pytest

from switchgear.domain.errors import UpstreamError, UpstreamFailed
from switchgear.domain.units import Seconds
from switchgear.wire.failure import bounded, by_status, noted
from switchgear.wire.registry import TONGUES

OWN_WORDS = {
    413: "the Messages API says so of a prompt that is too long",
    424: "Bedrock says so of a model that failed",
    498: "Groq says so when it has no room",
}


@pytest.mark.parametrize("status", range(300, 600))
def test_every_dialect_says_the_same_of_a_bare_status(status: int) -> None:
    if status in OWN_WORDS:
        return
    kinds = {type(tongue.read_error(status, b"", None)) for tongue in TONGUES.values()}
    assert len(kinds) == 1
    found = by_status(status)
    assert found is None or {type(found)} == kinds


@pytest.mark.parametrize("status", [408, 409, 425, 500, 503, 529])
def test_what_passes_may_be_sent_again_after_the_wait_that_it_asks_for(status: int) -> None:
    found = by_status(status)
    assert isinstance(found, UpstreamFailed)
    assert found.again
    assert noted(found, status, Seconds(7.0)).retry_after == 7.0


def test_no_time_is_no_wait() -> None:
    assert bounded(float("nan")) is None
    assert noted(UpstreamError(), 500, Seconds(1.0)).retry_after is None
