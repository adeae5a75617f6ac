import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.loop.result import is_empty, is_unready, plain_digest, result_digest


@given(st.text(alphabet="abc {}[]\n", max_size=300))
def test_where_nothing_is_volatile_the_plain_digest_is_the_same(text: str) -> None:
    assert plain_digest(text) == result_digest(text)


@pytest.mark.parametrize("size", [40_000, 200_000, 4_000_000])
def test_a_long_result_is_told_from_another_by_its_start_middle_and_end(size: int) -> None:
    text = "".join(f"line {number}\n" for number in range(size // 12))
    half = len(text) // 2
    others = ["X" + text[1:], text[:-2] + "X\n", text + "."]
    if size < 1_000_000:
        others.append(text[:half] + "X" + text[half + 1 :])
    assert len({result_digest(each) for each in [text, *others]}) == len(others) + 1


def test_times_at_the_ends_of_a_long_result_do_not_count() -> None:
    middle = "a line without numbers\n" * 5_000
    one, other = (f"2026-05-20T10:00:{n}Z\n{middle}took {n} ms" for n in (10, 11))
    assert result_digest(one) == result_digest(other)


EMPTY = ["", " \n", "[]", "{}", "null", "None", "No results found.", "no matching records"]
EMPTY += ['{"results": []}', '{"status": "ok", "items": [], "total": 0}', "[[]]", "(no output)"]


@pytest.mark.parametrize("text", EMPTY)
def test_nothing_is_known_in_many_words(text: str) -> None:
    assert is_empty(text)


@pytest.mark.parametrize(
    "text",
    ["0", "ok", "no", "No problem, it is booked", '{"n": 1}', "[0, 1]", '{"ok": true}', "[["],
)
def test_something_is_not_taken_for_nothing(text: str) -> None:
    assert not is_empty(text)


def test_what_is_not_done_yet_is_known() -> None:
    assert is_unready("Job 7 is still running")
    assert is_unready('{"status": "running"}')
    assert not is_unready("done")
    assert not is_unready("pending " * 100)
