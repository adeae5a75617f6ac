"""Tool calls of an answer: ids that come back, and bounds."""

import json

import pytest

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Event, ToolDelta, ToolStarted
from switchgear.wire.gemini.delta import MAX_CALLS, Answer, read_chunk


def events(*calls: object, response: str = "r1") -> list[Event]:
    parts = [{"functionCall": call} for call in calls]
    raw = {"responseId": response, "candidates": [{"content": {"parts": parts}}]}
    chunk = read_chunk(json.dumps(raw).encode())
    assert chunk
    found: list[Event] = []
    Answer().read(chunk, found)
    return found


def ids(*calls: object, response: str = "r1") -> list[str]:
    found = events(*calls, response=response)
    return [event.id for event in found if isinstance(event, ToolStarted)]


def test_a_call_without_an_id_gets_one_that_is_the_same_again_and_no_other_s() -> None:
    call = {"name": "f", "args": {"a": 1}}
    first, second = ids(call, call)
    assert first != second
    assert ids(call, call) == [first, second]
    assert ids(call, response="r2") != [first]
    assert all(len(each) <= 40 and each.startswith("call_") for each in (first, second))


def test_an_id_that_google_gives_is_kept() -> None:
    assert ids({"name": "f", "id": "x-1"}) == ["x-1"]


@pytest.mark.parametrize("call", [{"name": "f"}, {"name": "f", "args": None}, {"args": {}}])
def test_a_call_without_arguments_has_an_empty_object(call: object) -> None:
    assert [event.json for event in events(call) if isinstance(event, ToolDelta)] == ["{}"]


def test_an_answer_has_no_end_of_calls() -> None:
    assert len(ids(*[{"name": "f"}] * MAX_CALLS)) == MAX_CALLS
    with pytest.raises(UpstreamGarbled):
        events(*[{"name": "f"}] * (MAX_CALLS + 1))
