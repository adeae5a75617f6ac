"""What an answer costs."""

from hypothesis import given
from hypothesis import strategies as st

from support.cast import MID, ask
from switchgear.domain.ask import Step
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.engine.cost import cost_of, expected_cost, expected_output

counts = st.integers(0, 10**7).map(Tokens)


def test_a_million_tokens_cost_their_price() -> None:
    million = Tokens(1_000_000)
    assert cost_of(Usage(input=million, output=million), MID.price) == 5 * 10**9
    assert cost_of(Usage(input=million, cached=million), MID.price) == 10**8


@given(counts, counts, counts)
def test_cost_is_never_negative_and_never_less_for_more(a: Tokens, b: Tokens, c: Tokens) -> None:
    usage = Usage(input=a, cached=b, output=c)
    more = Usage(input=a, cached=b, output=Tokens(c + 1))
    assert 0 <= cost_of(usage, MID.price) <= cost_of(more, MID.price)


def test_the_holder_of_a_tool_loop_is_expected_to_have_the_prompt_cached() -> None:
    output = Tokens(10)
    cold = expected_cost(MID, ask(input_tokens=Tokens(10_000)), output)
    warm = expected_cost(MID, ask(input_tokens=Tokens(10_000), held="mid"), output)
    assert warm < cold / 3


def test_the_callers_limit_bounds_what_is_expected() -> None:
    assert expected_output(ask(max_output=Tokens(5))) == 5
    assert expected_output(ask(step=Step.TOOL_RESULT)) < expected_output(ask())
