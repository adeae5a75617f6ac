"""Words that go on from others: nothing said twice, nothing lost."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from typing_extensions import override

from switchgear.engine import splice
from switchgear.engine.splice import MIN_ECHO, MIN_OVERLAP, REACH, Splice

Make = Callable[[str], Splice]
PROSE = (
    "The sum of the first hundred numbers is 5,050, for there are fifty pairs of 101 each.\n\n"
    "Gauss is said to have found this at school, when he was seven or eight years old."
)
WORDS = st.sampled_from(
    ["the", "sum", "of", "all", "a", "in", "ten", "0", "|", "-", "é", "\U0001f600"]
)
BLANKS = st.sampled_from([" ", " ", " ", "\n", "  ", "\n\n", " \n", ", ", ""])
TEXTS = st.lists(st.tuples(WORDS, BLANKS), max_size=30).map(
    lambda pairs: "".join(word + blank for word, blank in pairs)
)
TIGHT = st.text("ab \n.…", max_size=60)


def joined(made: Splice, parts: Sequence[str]) -> str:
    return "".join(made.feed(part) for part in parts) + made.end()


def after(delivered: str, *parts: str) -> str:
    return joined(Splice(delivered), parts)


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    parts, left = [], text
    for size in sizes:
        parts.append(left[:size])
        left = left[size:]
    return [*parts, *left]


def readings(said: str, new: str) -> set[tuple[int, int]]:
    """Every way to take ``new`` for a repetition: what comes before it, and its length."""
    found = set()
    lead = splice.LEAD.match(new)
    for start in {0, lead.end() if lead else 0}:
        for length in range(1, len(said) + 1):
            whole = length == len(said)
            enough = length >= MIN_OVERLAP or (whole and length >= MIN_ECHO and start == 0)
            if enough and (whole or length <= REACH) and new.startswith(said[-length:], start):
                found.add((start, length))
    return found


def repeats(text: str) -> bool:
    return any(text[period:] == text[:-period] for period in range(1, len(text) // 2 + 1))


def splices_well(make: Make, text: str, at: int, back: int) -> bool:
    """The property. A target goes on in ``text``, cut ``at``, from ``back`` characters before.

    True also where it says nothing: where the words after the cut can be read in another way, for
    they begin as those before it end, or where what is said again is nothing but repeats.
    """
    at = min(at, len(text))
    said = text[:at].rstrip()
    back = min(back, len(said))
    new = text[len(said) - back :]
    if readings(said, new) != ({(0, back)} if back else set()) or (back and repeats(said[-back:])):
        return True
    return joined(make(text[:at]), [new]) == text[at:]


CUTS = st.integers(0, 90)
BACK = st.just(0) | st.integers(MIN_OVERLAP, 90) | st.just(10_000)


@settings(max_examples=500)
@given(TEXTS | TIGHT | st.text(max_size=60), CUTS, BACK)
@example("The sum is  42", 11, 0)
@example("The sum is  42", 12, 10_000)
def test_the_whole_is_the_text_wherever_it_was_cut_and_however_much_is_repeated(
    text: str, at: int, back: int
) -> None:
    assert splices_well(Splice, text, at, back)


@given(CUTS, BACK, st.integers(0, len(PROSE)))
def test_prose_is_never_ambiguous(at: int, back: int, start: int) -> None:
    text = PROSE[start:]
    at = min(at, len(text))
    said = text[:at].rstrip()
    back = min(back, len(said))
    assume(back == 0 or back >= MIN_ECHO)
    new = text[len(said) - back :]
    assert after(text[:at], new) == text[at:]
    if len(said[len(said) - back :].lstrip()) >= MIN_OVERLAP:
        assert after(text[:at], "…" + new) == text[at:]


@given(TEXTS | TIGHT, TEXTS | TIGHT, st.lists(st.integers(0, 9), max_size=20), st.integers(0, 40))
def test_cuts_make_no_difference(delivered: str, new: str, sizes: Sequence[int], back: int) -> None:
    for said in (new, delivered[-back:] + new, delivered + new, "... " + delivered + new):
        whole, pieces = Splice(delivered), Splice(delivered)
        assert joined(whole, [said]) == joined(pieces, cut(said, sizes))
        assert whole.strayed == pieces.strayed


@given(TIGHT, TIGHT)
def test_what_is_passed_is_always_the_end_of_what_was_said(delivered: str, new: str) -> None:
    assert new.endswith(after(delivered, new))


class NoBlanks(Splice):
    """Forgets that blanks were taken away before the target saw them."""

    def __init__(self, delivered: str) -> None:
        super().__init__(delivered)
        self._gap = ""


class OneLetter(Splice):
    """Takes a single letter for a repetition."""

    @override
    def _overlap(self, held: str, start: int) -> int:
        lengths = range(min(len(self._tail), len(held)), 0, -1)
        return next((each for each in lengths if self._tail.endswith(held[:each])), 0)


class Trusting(Splice):
    """Never looks for a repetition."""

    @override
    def _overlap(self, held: str, start: int) -> int:
        return 0


class FirstFound(Splice):
    """Decides on what it has, without waiting for more."""

    @override
    def _is_open(self, held: str) -> bool:
        return False


@pytest.mark.parametrize("broken", [NoBlanks, OneLetter, Trusting])
def test_the_property_sees_what_is_broken(broken: type[Splice]) -> None:
    cases = st.tuples(TEXTS, CUTS, BACK)
    find(cases, lambda case: not splices_well(broken, *case))
    with pytest.raises(NoSuchExample):
        find(
            cases, lambda case: not splices_well(Splice, *case), settings=settings(max_examples=300)
        )


def test_a_splice_that_does_not_wait_depends_on_the_cuts() -> None:
    said = "and so on and so forth"
    assert joined(FirstFound(said), [said + "!"]) == "!"
    assert joined(FirstFound(said), list(said + "!")) != "!"


@pytest.mark.parametrize(
    ("delivered", "new", "passed"),
    [
        ("", "Hello", "Hello"),
        ("\n\n", "\n\nHello", "Hello"),
        ("The sum ", " is", "is"),
        ("The sum ", "is", "is"),
        ("The sum", " is", " is"),
        ("The su", " m", " m"),
        ("one\n\n", "\ntwo", "two"),
        ("one ", "\n\ntwo", "\n\ntwo"),
        ("it was very", " very good", " very good"),
        ("bot", "tle", "tle"),
        ("The", "The sum is", " sum is"),
        ("no", "no!", "no!"),
        ("The sum of all", "The sum of all is", " is"),
        ("The sum of all", "\n\nThe sum of all is", " is"),
        ("The sum of all", "... sum of all is", "... sum of all is"),
        ("The sum of all of it", "...sum of all of it is", " is"),
        ("The sum of all of it", "… sum of all of it is", " is"),
        ("|---|---|---|---|", "---|---|---|\n", "---|---|---|\n"),
        ("a\n====================", "=====================\nb", "=====================\nb"),
        ("Title\n============", "Title\n============\nText", "\nText"),
    ],
)
def test_it_tells_repetition_from_going_on(delivered: str, new: str, passed: str) -> None:
    assert after(delivered, new) == passed
    assert after(delivered, *new) == passed


def test_words_that_are_new_are_passed_as_soon_as_that_is_plain() -> None:
    made = Splice("The sum of all of it")
    assert made.feed(" is") == " is"
    assert made.feed(" 42") == " 42"
    assert made.end() == ""


def test_no_more_is_held_than_is_a_repetition() -> None:
    long = "".join(f"{number} " for number in range(20_000))
    made = Splice(long)
    assert [made.feed(long[at : at + 1000]) for at in range(0, 50_000, 1000)] == [""] * 50
    assert made.feed("something else")[-14:] == "something else"
    inside = Splice(long)
    assert inside.feed(long[-REACH - 500 : -500]) != ""


def test_a_beginning_said_again_in_other_words_is_told() -> None:
    made = Splice(PROSE)
    assert joined(made, [PROSE[:60] + "something else"]) == PROSE[:60] + "something else"
    assert made.strayed
    for new in (" And so on.", PROSE + " And so on.", PROSE[:20] + "!"):
        made = Splice(PROSE)
        joined(made, [new])
        assert not made.strayed
