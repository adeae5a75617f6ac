"""Who goes round in circles is found, and who says much that is alike is left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.validate.repetition import LEAST_SPAN, repeats

PARAGRAPH = (
    "The switchgear of a station routes, protects, isolates and meters what flows through it. "
    "Each of its parts does one thing, and is tested by itself, before any current is let in. "
    "Who opens a breaker under load should know what an arc is, and stand well away from it. "
)
ROWS = [f"| {number} | target-{number} | {number * 7 % 31} ms | ok |" for number in range(60)]
FINE = {
    "prose": PARAGRAPH,
    "a table": "\n".join(["| n | name | time | state |", "|---|---|---|---|", *ROWS]),
    "a list": "\n".join(f"{n}. Check breaker {n} before you go on to the next." for n in range(80)),
    "code": "\n".join(f"    if value == {n}:\n        return {n * n}\n" for n in range(80)),
    "JSON": json.dumps([{"id": n, "name": f"row {n}", "ok": True} for n in range(100)], indent=1),
    "a rule of dashes": PARAGRAPH + "\n" + "-" * 80,
    "laughter": "ha" * 20,
    "nothing": "",
    "a poem with a refrain": "\n\n".join(
        f"Verse {n} sings of river number {n},\nand how it ran to sea.\nOh carry me home, my river."
        for n in range(9)
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_what_only_looks_alike_is_left_alone(name: str) -> None:
    assert not repeats(FINE[name])


@pytest.mark.parametrize(
    "loop",
    [
        "and so on ",
        "!",
        "\n",
        "I apologise for the confusion. Let me try again. ",
        "def f(x):\n    return f(x)\n\n",
        "東京は日本の首都です。",
    ],
)
def test_the_same_again_and_again_is_found_wherever_it_is_cut(loop: str) -> None:
    for extra in range(len(loop)):
        text = PARAGRAPH + loop * (2 * LEAST_SPAN // len(loop) + 8) + loop[:extra]
        assert repeats(text), extra


def test_one_line_among_others_is_found_too() -> None:
    lines = [f"{n}\nThe answer is in the file that I read before." for n in range(40)]
    assert repeats("\n".join(lines))
    assert not repeats("\n".join(lines[:6]))


@given(st.text("ab ", min_size=1, max_size=60), st.text("xyz \n", max_size=40))
def test_whatever_is_said_often_enough_is_found(block: str, before: str) -> None:
    assert repeats(before + block * (LEAST_SPAN * 2 // len(block) + 5))


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=200))
def test_lines_that_all_differ_are_left_alone(numbers: list[int]) -> None:
    assert not repeats("\n".join(f"{n:x} is the {n * 2654435761 % 2**64:x}" for n in numbers))


def test_a_very_long_answer_takes_no_longer_than_its_end() -> None:
    assert not repeats("".join(f"{n:x}, " for n in range(100_000)))
    assert repeats("x" * 1_000_000)
