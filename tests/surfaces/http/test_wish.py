"""Which headers go along because they may tell a task."""

import pytest

from switchgear.engine.identity import MARKS, MOST_LETTERS
from switchgear.surfaces.http.header import THEIRS
from switchgear.surfaces.http.wish import MOST_BAGGAGE, marks_in

AGENT = b"codex_cli_rs/0.114.0"


def test_what_others_name_their_sessions_by_goes_along() -> None:
    found = marks_in({b"x-session-id": b"s-1", b"accept": b"*/*", b"user-agent": AGENT})
    assert found == (("x-session-id", "s-1"),)
    assert marks_in({b"accept": b"*/*"}) == ()


@pytest.mark.parametrize("name", [b"thread-id", b"session-id", b"session_id", b"conversation_id"])
def test_who_calls_goes_along_where_a_header_means_something_only_from_some(name: bytes) -> None:
    found = dict(marks_in({name: b"s-1", b"user-agent": AGENT * 99}))
    assert found[name.decode()] == "s-1"
    assert found["user-agent"].startswith(AGENT.decode())
    assert len(found["user-agent"]) == MOST_LETTERS
    assert "user-agent" not in dict(marks_in({name: b"s-1"}))


@pytest.mark.parametrize("value", [b"x" * (MOST_LETTERS + 1), b"\xff\xfe", b"a\tb", b"\x7f"])
def test_what_cannot_be_a_name_is_left_out_and_is_no_error(value: bytes) -> None:
    assert marks_in({b"x-session-id": value, b"x-session-affinity": b"a"}) == (
        ("x-session-affinity", "a"),
    )


def test_baggage_may_be_as_long_as_its_standard_says() -> None:
    assert marks_in({b"baggage": b"x" * MOST_BAGGAGE})
    assert not marks_in({b"baggage": b"x" * (MOST_BAGGAGE + 1)})


def test_the_list_of_headers_names_each_that_is_asked_for() -> None:
    assert {name for name, _ in THEIRS} == set(MARKS)
