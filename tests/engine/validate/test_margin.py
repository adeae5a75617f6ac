"""How sure a target was, by what it told of its tokens."""

from collections.abc import Iterator
from math import exp, expm1, inf, log, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.drawn import MOST_DRAWN, Drawn
from switchgear.engine.validate.margin import WIDEST, mean_margin

logs = st.floats(-30, 0)


def test_it_is_the_mean_of_the_best_less_the_second() -> None:
    told = [Drawn(-0.1, (-0.1, -2.1)), Drawn(-0.5, (-0.5, -1.5, -3.0))]
    assert mean_margin(told) == pytest.approx((2.0 + 1.0) / 2)


def test_a_token_that_was_not_the_likeliest_counts_against_it() -> None:
    assert mean_margin([Drawn(-2.0, (-0.2, -2.0))]) == pytest.approx(-1.8)


def test_the_token_itself_need_not_be_among_its_rivals() -> None:
    assert mean_margin([Drawn(-0.1, (-3.1, -4.0))]) == pytest.approx(3.0)


@pytest.mark.parametrize("rivals", [(), (-0.1,)])
def test_without_rivals_it_is_set_against_all_others_together(rivals: tuple[float, ...]) -> None:
    p = exp(-0.1)
    assert mean_margin([Drawn(-0.1, rivals)]) == pytest.approx(log(p / (1 - p)))


def test_where_nothing_is_told_nothing_is_known() -> None:
    assert mean_margin([]) is None
    assert mean_margin([Drawn(-inf), Drawn(nan)]) is None
    assert mean_margin([Drawn(0.0)]) == WIDEST


@given(st.lists(st.builds(Drawn, logs, st.lists(logs, max_size=3).map(tuple)), max_size=20))
def test_it_is_bounded(tokens: list[Drawn]) -> None:
    found = mean_margin(tokens)
    assert (found is None) is (not tokens)
    assert found is None or -WIDEST <= found <= WIDEST


@given(st.floats(-5, -0.01), st.floats(0, 5))
def test_rivals_that_are_told_never_make_it_less_sure(chosen: float, below: float) -> None:
    rest = log(-expm1(chosen))
    told = mean_margin([Drawn(chosen, (chosen, rest - below))])
    guessed = mean_margin([Drawn(chosen)])
    assert told is not None
    assert guessed is not None
    assert told >= guessed - 1e-9


def test_only_so_many_tokens_are_looked_at() -> None:
    def endless() -> Iterator[Drawn]:
        while True:
            yield Drawn(-0.5, (-0.5, -1.5))

    assert mean_margin(endless()) == pytest.approx(1.0)
    assert MOST_DRAWN
