import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.client import NoAnswer, parse_answer

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
    b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
)


def test_a_chunked_answer_is_put_together() -> None:
    answer = parse_answer(CHUNKED)
    assert (answer.status, answer.headers["x-a"], answer.body) == (200, "b", b"abcd")


@pytest.mark.parametrize("end", range(len(CHUNKED) - 4))
def test_an_answer_that_stops_anywhere_is_no_answer(end: int) -> None:
    with pytest.raises(NoAnswer):
        parse_answer(CHUNKED[:end])


@given(st.binary(max_size=200))
def test_bytes_from_anywhere_are_an_answer_or_none(raw: bytes) -> None:
    try:
        parse_answer(raw)
    except NoAnswer:
        return
    assert b"\r\n\r\n" in raw
