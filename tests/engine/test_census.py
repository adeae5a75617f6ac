"""Characters are counted by class, all of a short text and a sample of a long one."""

import string

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.ask import Counts
from switchgear.engine.census import MOST_COUNTED, census

ANY = st.text(max_size=300)


def of(*texts: str, tool_chars: int = 0) -> Counts:
    return census(texts, sum(map(len, texts)), tool_chars)


def test_each_character_is_in_its_class() -> None:
    counts = of("Déjà vu, 42!\n", "漢字 Ωmega")
    assert (counts.lower, counts.upper, counts.numerals) == (7, 1, 2)
    assert (counts.gaps, counts.marks) == (4, 2)
    assert (counts.accented, counts.ideographs) == (3, 2)
    assert counts.known


def test_a_run_of_blanks_counts_half() -> None:
    assert of("a        b").gaps == 4


def test_capitals_beyond_one_for_each_gap_are_mixed() -> None:
    assert of("aB3dEfGHiJkLmNoPqRsT").mixed == 10
    assert of("The Old Man And The Sea Of Words").mixed == 1


def test_text_between_prose_still_counts_as_mixed() -> None:
    prose, code = "a word and one more " * 20, "aBcD" * 128
    assert of(prose + code).mixed > 200


@given(st.lists(ANY, max_size=5))
def test_every_character_is_in_one_class_or_is_one_of_a_pair_of_blanks(texts: list[str]) -> None:
    whole = "".join(texts)
    counts = of(*texts)
    pairs = whole.count("  ")
    total = (
        counts.lower + counts.upper + counts.numerals + counts.gaps + counts.marks
        + counts.accented + counts.ideographs
    )  # fmt: skip
    assert total == len(whole) - pairs


@given(st.lists(ANY, max_size=8), st.integers(1, 60))
def test_a_sample_of_any_texts_is_taken_without_harm(texts: list[str], times: int) -> None:
    many = texts * times
    chars = sum(map(len, many))
    counts = census(many, chars, 7)
    assert counts.tool_chars == 7
    assert min(counts.lower, counts.gaps, counts.mixed, counts.ideographs) >= 0


def test_a_long_text_is_judged_by_slices_from_everywhere() -> None:
    halves = of("a" * 50_000 + "9" * 50_000)
    assert halves.lower + halves.numerals == 100_000
    assert abs(halves.lower - 50_000) < 5_000


def test_many_short_texts_are_sampled_as_one() -> None:
    counts = of(*(["a" * 100, "9" * 100] * 500))
    assert abs(counts.lower - 50_000) < 10_000


def test_no_more_is_looked_at_than_the_bound_allows() -> None:
    assert of("x" * MOST_COUNTED).lower == MOST_COUNTED
    assert of(string.ascii_lowercase * 10_000).lower == 260_000


def test_half_of_a_surrogate_pair_is_only_a_mark() -> None:
    assert of("\ud83d").marks == 1
