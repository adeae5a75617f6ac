from support.rehearsal import sent
from switchgear.rehearsal.step import Wait, respond, streamed


def test_a_whole_answer_says_its_length() -> None:
    head, _, body = respond(b"hello", status=429, also=(b"retry-after: 2",)).data.partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"content-length: 5\r\n" in head
    assert b"retry-after: 2\r\n" in head
    assert body == b"hello"


def test_a_stream_is_chunked_and_ends() -> None:
    assert sent(streamed([b"abc"])).endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


def test_a_paced_stream_waits_before_each_frame() -> None:
    assert [step.seconds for step in streamed([b"a", b"b"], 0.5) if isinstance(step, Wait)] == [
        0.5,
        0.5,
    ]
