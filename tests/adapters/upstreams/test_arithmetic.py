from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.arithmetic import work_out


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 ** 2", "-4"),
        ("2 ** 3 ** 2", "512"),
        ("2 ** -1", "0.5"),
        ("0.1 + 0.2", "0.3"),
        ("7 % 4 - - 1", "4"),
        ("-7 % 4", "-3"),
        ("1e3 / 8", "125"),
        ("100 * 100", "10000"),
        ("5 - 5", "0"),
        ("+.5", "0.5"),
        ("10 ** 100", "1E+100"),
    ],
)
def test_it_works_out_as_on_paper(expression: str, value: str) -> None:
    assert work_out(expression) == value


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("1 / 0", "division by zero"),
        ("1 % (2 - 2)", "division by zero"),
        ("0 ** -1", "division by zero"),
        ("0 ** 0", "the expression has no value"),
        ("(0 - 8) ** 0.5", "the expression has no value"),
        ("9 ** 1001", "an exponent is larger than 1000"),
        ("(10 ** 1000) ** 1000", "the result is too large"),
        ("1" * 501, "the expression is longer than 500 characters"),
        ("1" * 51, "a number has more than 50 digits"),
        ("(" * 100, "the expression is nested deeper than 40"),
        ("-" * 100, "the expression is nested deeper than 40"),
        ("2**" * 100, "the expression is nested deeper than 40"),
        ("(1", "a bracket is not closed"),
        ("", "a number is missing"),
        ("1 +", "a number is missing"),
        ("1 2", "the expression goes on after its end"),
        ("__import__('os')", "something else than a number or sign at 0"),
        ("1 + x", "something else than a number or sign at 3"),
    ],
)
def test_what_has_no_value_is_said(expression: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        work_out(expression)


@given(text=st.text(alphabet="0123456789.+-*/%() eE", max_size=60))
def test_any_text_has_a_value_or_a_reason(text: str) -> None:
    with suppress(ValueError):
        assert Decimal(work_out(text)).is_finite()


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_it_agrees_with_python_on_whole_numbers(a: int, b: int, c: int) -> None:
    assert work_out(f"{a} + {b} * {c} - ({a})") == str(b * c)
