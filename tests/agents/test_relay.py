from itertools import pairwise

from agents.relay import ANSWERED, ASKED, DROPPED, Reader
from hypothesis import given
from hypothesis import strategies as st

ASKS = (
    b"POST /v1/messages?beta=true HTTP/1.1\r\nhost: x\r\ncontent-length: 21\r\n\r\n"
    b'{"a": "GET / HTTP/1"}'
    b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n"
)
ANSWERS = (
    b"HTTP/1.1 200 OK\r\nx-switchgear-dropped: seed, user\r\n\r\ndata: HTTP/1.1 500\n\n"
    b"HTTP/1.1 404 Not Found\r\n\r\n"
)


def pieces(text: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({cut % len(text) for cut in cuts} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(ends)]


@given(st.lists(st.integers(0, 300)))
def test_first_lines_are_found_once_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    there, back = Reader(ASKED), Reader(ANSWERED, DROPPED)
    for piece in pieces(ASKS, cuts):
        there.read(piece)
    for piece in pieces(ANSWERS, cuts):
        back.read(piece)
    assert there.found == [[b"POST /v1/messages?beta=true", b"GET /v1/models"]]
    assert back.found == [[b"200", b"404"], [b"seed, user"]]
