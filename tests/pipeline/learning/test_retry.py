"""Who asks the same again, because the answer was of no use."""

from typing import Any

import msgspec
import pytest

from support.cast import SHAPE, ask
from support.entries import entry
from switchgear.domain.ask import Step
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import Seconds, UnixMs
from switchgear.pipeline.learning.retry import MOST_AGAIN, WINDOW_MS, Retries, question_of

START, TOOK_MS = 1_750_000_000_000, 500
LONG = msgspec.structs.replace(SHAPE, last_chars=40)
SHORT = msgspec.structs.replace(SHAPE, last_chars=5)


def asked(name: str, after: int = 0, grams: bytes = b"abcd", **changes: Any) -> Entry:
    shape = changes.pop("shape", LONG)
    step = changes.pop("step", Step.USER_TURN)
    question = ask(grams=grams, shape=shape, step=step)
    fields = {"key": "k", "task": "t", "took": Seconds(TOOK_MS / 1000), **changes}
    return entry(name, at=UnixMs(START + after), ask=question, **fields)


def test_who_asks_the_same_again_was_not_content_with_the_first_answer() -> None:
    seen = Retries()
    assert seen.seen(asked("a")) == ""
    assert seen.seen(asked("b", 5_000, digest="another body")) == "a"
    assert seen.seen(asked("c", 9_000, model="smart")) == "b"


@pytest.mark.parametrize(
    "other",
    [
        {"grams": b"efgh"},
        {"key": "k2"},
        {"task": "t2"},
        {"agent": "other"},
        {"shape": msgspec.structs.replace(SHAPE, last_chars=41)},
        {"after": TOOK_MS - 1},
        {"after": TOOK_MS + WINDOW_MS},
        {"step": Step.TOOL_RESULT},
        {"target": ""},
        {"end": End.FAILED},
        {"replayed": "a"},
        {"endpoint": Endpoint.EMBED},
    ],
)
def test_what_is_another_question_another_askers_or_too_soon_or_late_is_none(
    other: dict[str, Any],
) -> None:
    seen = Retries()
    seen.seen(asked("a"))
    assert seen.seen(asked("b", **{"after": 5_000, **other})) == ""


def test_a_short_word_is_said_twice_for_other_reasons_unless_all_is_the_same() -> None:
    seen = Retries()
    seen.seen(asked("a", shape=SHORT))
    assert seen.seen(asked("b", 5_000, shape=SHORT, digest="more was said before it")) == ""
    assert seen.seen(asked("c", 9_000, shape=SHORT)) == "a"


def test_without_a_task_only_the_same_body_is_the_same_question() -> None:
    seen = Retries()
    seen.seen(asked("a", task=""))
    assert seen.seen(asked("b", 5_000, task="", digest="d2")) == ""
    assert seen.seen(asked("c", 9_000, task="")) == "a"
    assert question_of(asked("d", task="", digest="")) == 0


def test_who_asks_in_rounds_is_a_machine_and_no_longer_counts() -> None:
    seen = Retries()
    told = [seen.seen(asked(str(number), number * 10_000)) for number in range(6)]
    assert told == ["", "0", "1", "", "", ""]
    assert sum(map(bool, told)) == MOST_AGAIN


def test_so_many_questions_are_remembered_and_no_more() -> None:
    seen = Retries(most=2)
    for number, grams in enumerate((b"aa", b"bb", b"cc")):
        seen.seen(asked(str(number), grams=grams))
    assert seen.seen(asked("x", 5_000, grams=b"aa")) == ""
    assert seen.seen(asked("y", 5_000, grams=b"cc")) == "2"
