"""Whole answers."""

import json
from typing import Any

import pytest

from support.geminis import check_answer
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamBusy, UpstreamFailed, UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire.gemini.answer import read_whole, write_whole

END = Finished(stop=Stop.END)


def parts(*events: Event) -> Any:
    raw = write_whole("sg_1", (*events, END))
    check_answer(raw)
    return json.loads(raw)["candidates"][0]["content"]["parts"]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", UpstreamGarbled),
        (b"<html>", UpstreamGarbled),
        (b"{}", UpstreamGarbled),
        (b'{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}', UpstreamGarbled),
        (b'{"error":{"code":429}}', UpstreamBusy),
        (b'[{"error":{"code":500}}]', UpstreamFailed),
        (b'{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}', UpstreamFailed),
    ],
)
def test_what_is_no_answer_is_an_error(raw: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read_whole(raw)


def test_an_answer_that_was_blocked_has_an_end() -> None:
    found = read_whole(b'{"promptFeedback":{"blockReason":"SAFETY"},"responseId":"r"}')
    assert found == (Opened(id="r", model=""), Finished(stop=Stop.FILTERED))


def test_an_answer_without_a_word_still_has_a_part() -> None:
    assert parts() == [{"text": ""}]


def test_words_of_a_refusal_are_words() -> None:
    assert parts(RefusalDelta("I "), TextDelta("won't.")) == [{"text": "I won't."}]


def test_calls_that_come_in_turns_are_whole_and_what_is_no_object_is_kept() -> None:
    found = parts(
        ToolStarted(index=0, id="a", name="f"),
        ToolStarted(index=1, id="b", name="g"),
        ToolDelta(index=1, json="broken"),
        ToolDelta(index=0, json='{"x":'),
        ToolDelta(index=0, json="1}"),
        ToolDelta(index=7, json="{}"),
    )
    assert [part["functionCall"]["args"] for part in found] == [{"x": 1}, {"_raw": "broken"}]


def test_what_another_hid_stands_in_a_part_of_its_own() -> None:
    found = parts(
        ThinkingSigned("", redacted="r", origin=Dialect.ANTHROPIC_MESSAGES), TextDelta("a")
    )
    assert [part["text"] for part in found] == ["", "a"]
    assert found[0]["thought"] is True


def test_an_answer_without_a_name_of_its_own_has_the_decision_s() -> None:
    assert json.loads(write_whole("sg_1", (END,)))["responseId"] == "sg_1"
