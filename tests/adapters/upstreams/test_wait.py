"""How long a provider asks to be left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.wait import read_wait
from switchgear.domain.units import UnixMs

NOW = UnixMs(1_761_955_200_000)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("0.25", 0.25),
        ("100000", 300.0),
        ("999999", 300.0),
        ("9" * 400, 300.0),
        ("Sat, 01 Nov 2025 00:00:30 GMT", 30.0),
        ("Sat, 01 Nov 2025 00:00:30", 30.0),
        ("Saturday, 01-Nov-25 00:00:30 GMT", 30.0),
        ("Sat Nov  1 00:00:30 2025", 30.0),
        ("Sat, 01 Nov 2025 00:00:00 GMT", 0.0),
        ("Fri, 31 Oct 2025 00:00:00 GMT", 0.0),
        ("Fri, 31 Oct 9999 00:00:00 GMT", 300.0),
        ("soon", None),
        ("abc", None),
        ("-1", None),
        ("-5", None),
        ("1e3", None),
        ("nan", None),
        ("\u00b2", None),
    ],
)
def test_it_is_seconds_or_a_date_and_never_more_than_five_minutes(
    value: str | None, wait: float | None
) -> None:
    headers = {} if value is None else {b"retry-after": value.encode("latin-1")}
    assert read_wait(headers, NOW) == wait


@pytest.mark.parametrize(
    ("precise", "plain", "wait"),
    [
        (b"250", b"9", 0.25),
        (b"1500.5", b"", 1.5005),
        (b"999999999", b"9", 300.0),
        (b"-1", b"9", 9.0),
        (b"abc", b"9", 9.0),
        (b"abc", b"abc", None),
    ],
)
def test_milliseconds_win_where_they_say_anything(
    precise: bytes, plain: bytes, wait: float | None
) -> None:
    assert read_wait({b"retry-after-ms": precise, b"retry-after": plain}, NOW) == wait


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_bytes_are_a_bounded_wait_or_none(precise: bytes, plain: bytes) -> None:
    wait = read_wait({b"retry-after-ms": precise, b"retry-after": plain}, NOW)
    assert wait is None or 0 <= wait <= 300
