from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.http1.response import MAX_HEAD, Response
from switchgear.domain.errors import UpstreamGarbled

CHUNKED = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ntransfer-encoding: chunked\r\n\r\n"
ANSWER = (
    b"HTTP/1.1 103 Early\r\nx: y\r\n\r\n" + CHUNKED + b"2;e=1\r\nhi\r\n1\r\n!\r\n0\r\nt: 1\r\n\r\n"
)


def fed(*parts: bytes) -> Response:
    response = Response("sim")
    for part in parts:
        response.feed(part)
    return response


@given(cuts=st.lists(st.integers(0, len(ANSWER)), max_size=10))
def test_it_reads_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    edges = sorted({0, len(ANSWER), *cuts})
    response = fed(*[ANSWER[a:b] for a, b in pairwise(edges)])
    assert response.take() == b"hi!"
    assert response.headers[b"x-a"] == b"1, 2"
    assert (response.status, response.ended, response.keep) == (200, True, True)
    assert not response.stray


@given(data=st.binary(max_size=300), good=st.integers(0, len(ANSWER)))
def test_any_bytes_are_read_or_refused(data: bytes, good: int) -> None:
    response = Response("sim")
    with suppress(UpstreamGarbled):
        response.feed(ANSWER[:good])
        response.feed(data)
    assert response.held <= len(data) + good


def test_bytes_after_the_end_are_noticed_and_change_nothing() -> None:
    response = fed(ANSWER + b"HTTP/1.1 500 Evil\r\n")
    assert response.stray
    assert response.status == 200


def test_only_the_connection_ends_an_answer_without_a_length() -> None:
    response = fed(b"HTTP/1.1 200 OK\r\n\r\nhi")
    assert not response.framed
    assert not response.ended
    response.eof()
    assert response.ended
    assert not response.keep


@pytest.mark.parametrize("trailer", [b"0\r\n", b"0\r\nt: "])
def test_endless_trailers_are_refused(trailer: bytes) -> None:
    response = fed(CHUNKED, trailer)
    with pytest.raises(UpstreamGarbled):
        fed_for_long(response)


def fed_for_long(response: Response) -> None:
    for _ in range(MAX_HEAD // 4_000 + 2):
        response.feed(b"x" * 4_000)
