"""Streams of Google's, as they pass."""

import json
from typing import Any

import pytest

from switchgear.domain.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
)
from switchgear.domain.event import Finished, Stop, TextDelta
from switchgear.wire.gemini.tap import MAX_BROKEN, GeminiTap
from switchgear.wire.sse import MAX_PARSED

Json = dict[str, Any]


def frame(*parts: Json, finish: str = "", **more: object) -> bytes:
    candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return b"data: %b\r\n\r\n" % json.dumps({"candidates": [candidate], **more}).encode()


A, B = frame({"text": "a"}), frame({"text": "b"})
END = frame({"text": "c"}, finish="STOP", usageMetadata={"promptTokenCount": 9})
USAGE = b'data: {"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3}}\r\n\r\n'


def texts(tap: GeminiTap, *chunks: bytes) -> list[str]:
    pieces = [piece for chunk in chunks for piece in tap.feed(chunk)]
    return [event.text for piece in pieces for event in piece.seen if isinstance(event, TextDelta)]


def last(tap: GeminiTap) -> Finished:
    (piece,) = tap.end()
    assert piece.finish
    return piece.finish


def test_the_frame_with_the_reason_is_kept_for_the_end() -> None:
    tap = GeminiTap()
    assert texts(tap, A, B + END) == ["a", "b"]
    (piece,) = tap.end()
    assert piece.raw == END
    assert [type(event).__name__ for event in piece.seen] == ["TextDelta", "Finished"]
    assert tap.end() == []


def test_a_frame_after_the_reason_is_the_last_instead() -> None:
    tap = GeminiTap()
    assert texts(tap, A, END) == ["a"]
    (piece,) = tap.feed(USAGE)
    assert piece.raw == END
    finish = last(tap)
    assert finish.usage
    assert finish.usage.output == 3


def test_a_reason_with_every_frame_ends_nothing_too_early() -> None:
    tap = GeminiTap()
    chunks = [frame({"text": word}, finish="STOP") for word in "abc"]
    assert texts(tap, *chunks) == ["a", "b"]
    (piece,) = tap.end()
    assert piece.seen[0] == TextDelta("c")


def test_comments_after_the_reason_go_with_it() -> None:
    tap = GeminiTap()
    tap.feed(END)
    assert tap.feed(b": alive\r\n\r\n") == []
    assert tap.end()[0].raw == END + b": alive\r\n\r\n"


def test_a_stream_without_a_reason_is_lost() -> None:
    tap = GeminiTap()
    tap.feed(A)
    with pytest.raises(UpstreamLost):
        tap.end()


def test_what_a_filter_kept_from_beginning_is_an_answer_without_words() -> None:
    tap = GeminiTap()
    tap.feed(b'data: {"promptFeedback":{"blockReason":"OTHER","blockReasonMessage":"No."}}\r\n\r\n')
    (piece,) = tap.end()
    assert [type(event).__name__ for event in piece.seen] == ["Opened", "RefusalDelta", "Finished"]
    assert piece.finish
    assert piece.finish.stop is Stop.FILTERED


def test_an_answer_that_was_given_up_is_an_error_after_its_words() -> None:
    tap = GeminiTap()
    assert texts(tap, A + frame({"text": "b"}, finish="MALFORMED_FUNCTION_CALL")) == ["a", "b"]
    with pytest.raises(UpstreamFailed, match="MALFORMED"):
        tap.end()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'data: {"error":{"code":429,"message":"Quota"}}\r\n\r\n', UpstreamBusy),
        (b'data: {"error":{"code":500}}\r\n\r\n', UpstreamFailed),
    ],
)
def test_an_error_in_the_stream_is_raised_once_what_came_before_is_out(
    raw: bytes, kind: type[UpstreamError]
) -> None:
    tap = GeminiTap()
    assert texts(tap, A + raw) == ["a"]
    with pytest.raises(kind):
        tap.feed(B)
    with pytest.raises(kind):
        tap.end()


def test_an_error_after_the_reason_is_one_too() -> None:
    tap = GeminiTap()
    tap.feed(A + END)
    with pytest.raises(UpstreamFailed):
        tap.feed(b'data: {"error":{"code":500}}\r\n\r\n')


def test_a_whole_body_in_the_place_of_a_stream_is_no_answer() -> None:
    tap = GeminiTap()
    tap.feed(b'[{"error":{"code":400}}]')
    with pytest.raises(UpstreamGarbled):
        tap.end()


def test_a_few_broken_frames_are_left_out_and_too_many_are_an_error() -> None:
    tap = GeminiTap()
    broken = b"data: {\r\n\r\n"
    (piece,) = tap.feed(A + broken + B)
    assert piece.raw == A + B
    assert tap.broken == 1
    with pytest.raises(UpstreamGarbled):
        tap.feed(broken * MAX_BROKEN)


def test_a_frame_that_is_too_long_passes_unread() -> None:
    tap = GeminiTap()
    long = frame({"text": "x" * (MAX_PARSED + 1)})
    assert b"".join(piece.raw or b"" for piece in tap.feed(A + long + B)) == A + long + B
    assert (tap.unread, tap.foreign, tap.broken) == (True, True, 1)


@pytest.mark.parametrize(
    "part",
    [
        {"executableCode": {"code": "1"}},
        {"codeExecutionResult": {"output": "1"}},
        {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
        {"inlineData": {"mimeType": "image/png", "data": "AA=="}, "thoughtSignature": "AAAA"},
        {"fileData": {"fileUri": "gs://a"}},
        {"brandNew": 1},
        {"functionCall": {"name": "f", "partialArgs": [{"jsonPath": "$.a"}]}},
    ],
)
def test_a_part_that_our_events_do_not_know_is_told(part: Json) -> None:
    tap = GeminiTap()
    tap.feed(A)
    assert not tap.foreign
    tap.feed(frame(part))
    assert tap.foreign


def test_another_candidate_is_not_the_answer() -> None:
    tap = GeminiTap()
    other = {"content": {"parts": [{"text": "z"}]}, "index": 1, "finishReason": "STOP"}
    assert texts(tap, A, b"data: %b\r\n\r\n" % json.dumps({"candidates": [other]}).encode()) == [
        "a"
    ]
    assert tap.foreign
    with pytest.raises(UpstreamLost):
        tap.end()
