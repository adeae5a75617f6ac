"""What a provider says of how much more it takes from us."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.rate import Level, Quota
from switchgear.domain.units import Seconds, UnixMs
from switchgear.wire.quota import KNOWN, LONGEST, read_quota, read_span

AT = UnixMs(1_795_000_000_000)
NAMES = [name for each in KNOWN for name in (each.left, each.limit, each.reset) if name]


def level(left: int, limit: int, reset: float) -> Level:
    return Level(limit=limit, left=left, reset=Seconds(reset))


def test_openais_headers_are_read() -> None:
    headers = {
        b"x-ratelimit-limit-requests": b"60",
        b"x-ratelimit-limit-tokens": b"150000",
        b"x-ratelimit-remaining-requests": b"59",
        b"x-ratelimit-remaining-tokens": b"149984",
        b"x-ratelimit-reset-requests": b"1s",
        b"x-ratelimit-reset-tokens": b"4m48s",
    }
    assert read_quota(headers, AT) == Quota(
        requests=level(59, 60, 1), tokens=level(149_984, 150_000, 288)
    )


def test_anthropics_headers_are_read() -> None:
    soon = datetime.fromtimestamp(AT / 1000, UTC) + timedelta(seconds=30)
    date = soon.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    headers = {
        f"anthropic-ratelimit-{kind}-{part}".encode(): value
        for kind in ("requests", "tokens", "input-tokens", "output-tokens")
        for part, value in (("limit", b"50"), ("remaining", b"49"), ("reset", date))
    }
    one = level(49, 50, 30)
    assert read_quota(headers, AT) == Quota(requests=one, tokens=one, input=one, output=one)


def test_azure_says_no_limit_and_minus_one_for_what_it_does_not_know() -> None:
    headers = {
        b"x-ratelimit-remaining-requests": b"-1",
        b"x-ratelimit-remaining-tokens": b"900",
        b"x-ratelimit-reset-tokens": b"12",
    }
    assert read_quota(headers, AT) == Quota(tokens=level(900, 900, 12))


def test_mistral_counts_by_the_minute() -> None:
    headers = {
        b"x-ratelimit-limit-req-minute": b"60",
        b"x-ratelimit-remaining-req-minute": b"0",
        b"x-ratelimit-limit-tokens-minute": b"5000",
        b"x-ratelimit-remaining-tokens-minute": b"4000",
    }
    assert read_quota(headers, AT) == Quota(requests=level(0, 60, 60), tokens=level(4000, 5000, 60))


def test_of_two_windows_the_one_with_less_left_counts() -> None:
    headers = {
        b"x-ratelimit-limit-requests-minute": b"30",
        b"x-ratelimit-remaining-requests-minute": b"29",
        b"x-ratelimit-reset-requests-minute": b"11.5",
        b"x-ratelimit-limit-requests-day": b"1000",
        b"x-ratelimit-remaining-requests-day": b"3",
        b"x-ratelimit-reset-requests-day": b"33011.38",
    }
    assert read_quota(headers, AT) == Quota(requests=level(3, 1000, LONGEST))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1s", 1),
        ("6m0s", 288 + 12),
        ("250ms", 0.25),
        ("1m30.5s", 90.5),
        ("7.66s", 7.66),
        ("1h2m3s", 300),
        ("3m12ms", 180.012),
        ("0", 0),
        ("45", 45),
        ("0.5", 0.5),
        (str(AT // 1000 + 20), 20),
        (str(AT + 20_500), 20.5),
        ("2026-11-18T11:07:10Z", 30),
        ("2026-11-18T11:07:10+00:00", 30),
        ("2026-11-18T12:07:10+01:00", 30),
        ("2020-01-01T00:00:00Z", 0),
        ("9999999s", None),
        ("999999s", 300),
    ],
)
def test_spans_are_read_in_every_way_that_they_are_written(text: str, span: float | None) -> None:
    found = read_span(text, AT)
    assert found == (None if span is None else pytest.approx(span))


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "1x", "s", "1s1s", "1m1h", "NaN", "1e9", "+1", "٣s", "1" * 41]
)
def test_nonsense_is_no_span(text: str) -> None:
    assert read_span(text, AT) is None


@pytest.mark.parametrize("left", [b"", b"many", b"-5", b"1.5", b"9" * 19, b"0x10", b"\xff"])
def test_nonsense_is_as_good_as_not_said(left: bytes) -> None:
    headers = {b"x-ratelimit-remaining-requests": left, b"x-ratelimit-reset-requests": b"1s"}
    assert read_quota(headers, AT) is None


def test_a_reset_of_nonsense_makes_its_limit_as_good_as_not_said() -> None:
    headers = {b"x-ratelimit-remaining-requests": b"0", b"x-ratelimit-reset-requests": b"never"}
    assert read_quota(headers, AT) is None


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=50)))
def test_whatever_is_said_it_stays_within_bounds(headers: dict[bytes, bytes]) -> None:
    found = read_quota(headers, AT)
    if found is None:
        return
    for each in (found.requests, found.tokens, found.input, found.output):
        if each is not None:
            assert 0 <= each.left <= each.limit <= 10**12
            assert 0 <= each.reset <= LONGEST
