"""What is left of the caller's own limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.fact import Admitted
from switchgear.domain.rate import Level
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.rate import date_text, rate_headers, span_text
from switchgear.wire.quota import read_quota

AT = UnixMs(1_795_000_000_000)
LEVELS = st.builds(
    Level,
    limit=st.integers(0, 10**12),
    left=st.integers(0, 10**12),
    reset=st.floats(0, 290).map(Seconds),
)


def told(*facts: Admitted) -> Trail:
    trail = Trail()
    trail.facts += facts
    return trail


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0ms"),
        (0.0171, "18ms"),
        (0.25, "250ms"),
        (1, "1s"),
        (7.66, "7.66s"),
        (60, "1m0s"),
        (90.5, "1m30.5s"),
        (360, "6m0s"),
        (3723, "1h2m3s"),
    ],
)
def test_a_span_is_written_as_openai_writes_it(span: float, text: str) -> None:
    assert span_text(Seconds(span)) == text


def test_a_moment_is_never_told_too_early() -> None:
    assert date_text(Seconds(0.0), AT) == "2026-11-18T11:06:40Z"
    assert date_text(Seconds(0.001), AT) == "2026-11-18T11:06:41Z"


@pytest.mark.parametrize("dialect", Dialect)
def test_who_has_no_limits_is_told_of_none(dialect: Dialect) -> None:
    assert rate_headers(told(), dialect, AT) == []
    assert rate_headers(told(Admitted()), dialect, AT) == []


@given(st.sampled_from(Dialect), LEVELS, LEVELS)
def test_what_is_told_can_be_read_as_a_providers_is(
    dialect: Dialect, requests: Level, tokens: Level
) -> None:
    trail = told(Admitted(requests=requests, tokens=tokens))
    found = read_quota(dict(rate_headers(trail, dialect, AT)), AT)
    assert found is not None
    for sent, read in ((requests, found.requests), (tokens, found.tokens)):
        assert read is not None
        assert read.left == sent.left
        assert read.limit == max(sent.limit, sent.left)
        assert sent.reset - 1e-6 <= read.reset <= sent.reset + 1


def test_names_are_those_of_the_callers_sdk() -> None:
    trail = told(Admitted(requests=Level(limit=60, left=59, reset=Seconds(1.0))))
    assert rate_headers(trail, Dialect.OPENAI_RESPONSES, AT) == [
        (b"x-ratelimit-limit-requests", b"60"),
        (b"x-ratelimit-remaining-requests", b"59"),
        (b"x-ratelimit-reset-requests", b"1s"),
    ]
    assert rate_headers(trail, Dialect.ANTHROPIC_MESSAGES, AT) == [
        (b"anthropic-ratelimit-requests-limit", b"60"),
        (b"anthropic-ratelimit-requests-remaining", b"59"),
        (b"anthropic-ratelimit-requests-reset", b"2026-11-18T11:06:41Z"),
    ]
