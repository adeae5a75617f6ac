from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.gram import MOST_WORDS, grams_of


@given(st.text())
def test_any_text_has_hashes_of_two_bytes_each_once_and_within_the_bound(text: str) -> None:
    found = memoryview(grams_of(text)).cast("H").tolist()
    assert len(found) < 2 * MOST_WORDS
    assert len(found) == len(set(found))


def test_the_same_text_has_the_same_hashes_everywhere() -> None:
    assert grams_of("Add two and two").hex() == grams_of("  add TWO,\nand two ").hex()
    assert grams_of("a").hex() == "43be"


def test_order_tells_and_one_number_is_as_good_as_another() -> None:
    assert grams_of("dog bites man") != grams_of("man bites dog")
    assert grams_of("add 12 and 7") == grams_of("add 95 and 3")


def test_of_a_huge_text_its_start_and_its_end_are_read() -> None:
    text = "start " + "x y " * 1_000_000 + "end"
    assert set(pairs(grams_of("start"))) < set(pairs(grams_of(text)))
    assert set(pairs(grams_of("end"))) < set(pairs(grams_of(text)))


def test_nothing_has_none_and_half_a_pair_of_surrogates_is_no_trouble() -> None:
    assert grams_of("") == grams_of(" \n") == b""
    assert grams_of("\ud800 ok")


def pairs(grams: bytes) -> list[int]:
    return memoryview(grams).cast("H").tolist()
