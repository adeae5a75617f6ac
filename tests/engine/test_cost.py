"""What an answer costs."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from support.cast import MID, ask, price, target
from switchgear.domain.ask import Step
from switchgear.domain.event import Usage
from switchgear.domain.target import Price
from switchgear.domain.units import NanoUsd, Tokens
from switchgear.engine.cost import cost_of, expected_cost, expected_output, worst_cost

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


PRICED = msgspec.structs.replace(
    MID.price,
    cache_written=NanoUsd(1_250_000_000),
    reasoning=NanoUsd(5_000_000_000),
    steps=(msgspec.structs.replace(price(2, 8), above=Tokens(200_000)),),
    services=(("flex", price(0.5, 2)), ("priority", price(2, 8))),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, kept, plain, output = (draw(st.integers(0, 10**6)) for _ in range(4))
    return Usage(
        input=Tokens(cached + kept + plain),
        cached=Tokens(cached),
        cache_written=Tokens(kept),
        cache_written_1h=Tokens(draw(st.integers(0, kept))),
        output=Tokens(output),
        reasoning=Tokens(draw(st.integers(0, output))),
        service=draw(st.sampled_from(["", "flex", "priority", "unheard-of"])),
    )


def test_input_kept_for_an_hour_costs_twice_the_input_where_no_price_is_known() -> None:
    million = Tokens(1_000_000)
    usage = Usage(input=million, cache_written=million, cache_written_1h=million)
    assert cost_of(usage, MID.price) == 2 * 10**9
    known = msgspec.structs.replace(MID.price, cache_written_1h=NanoUsd(7 * 10**9))
    assert cost_of(usage, known) == 7 * 10**9


def test_no_more_is_kept_for_an_hour_than_was_written() -> None:
    usage = Usage(input=Tokens(10), cache_written=Tokens(10), cache_written_1h=Tokens(99))
    assert cost_of(usage, MID.price) == 10 * 2000


def test_reasoning_is_a_part_of_the_output_and_has_its_own_price_where_there_is_one() -> None:
    usage = Usage(output=Tokens(100), reasoning=Tokens(40))
    assert cost_of(usage, MID.price) == 100 * 4000
    assert cost_of(usage, PRICED) == 60 * 4000 + 40 * 5000


def test_the_whole_call_costs_the_steps_price_from_one_token_above_it() -> None:
    at = Usage(input=Tokens(200_000), output=Tokens(10))
    above = Usage(input=Tokens(200_001), output=Tokens(10))
    assert cost_of(at, PRICED) == 200_000 * 1000 + 10 * 4000
    assert cost_of(above, PRICED) == 200_001 * 2000 + 10 * 8000


def test_a_service_tier_costs_its_own_price_and_an_unknown_one_the_standard() -> None:
    def costs(service: str) -> int:
        return cost_of(Usage(input=Tokens(1000), service=service), PRICED)

    assert [costs(each) for each in ("", "flex", "priority", "odd")] == [
        1_000_000,
        500_000,
        2_000_000,
        1_000_000,
    ]


def test_a_call_that_asks_for_no_tier_costs_the_usual_one() -> None:
    usual = msgspec.structs.replace(PRICED, usual="priority")
    assert cost_of(Usage(input=Tokens(1000)), usual) == 2_000_000
    assert expected_cost(target("a", price=usual), ask(input_tokens=Tokens(1000)), Tokens(0)) == (
        2_000_000
    )


def test_long_input_is_expected_to_cost_the_steps_price() -> None:
    long = expected_cost(target("a", price=PRICED), ask(input_tokens=Tokens(300_000)), Tokens(0))
    assert long == 300_000 * 2000


@given(usages(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_input_or_output_never_costs_less(usage: Usage, more: int, longer: int) -> None:
    greater = msgspec.structs.replace(
        usage, input=Tokens(usage.input + more), output=Tokens(usage.output + longer)
    )
    assert cost_of(usage, PRICED) <= cost_of(greater, PRICED)


@given(usages(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_nothing_within_its_bounds_costs_more_than_the_worst(
    usage: Usage, more: int, longer: int
) -> None:
    worst = worst_cost(
        PRICED,
        length=Tokens(usage.input + more),
        output=Tokens(usage.output + longer),
        service=usage.service,
        hour=True,
    )
    assert cost_of(usage, PRICED) <= worst


@given(usages())
def test_an_hour_need_not_be_set_aside_for_who_does_not_ask_for_it(usage: Usage) -> None:
    short = msgspec.structs.replace(usage, cache_written_1h=Tokens(0))
    worst = worst_cost(PRICED, length=usage.input, output=usage.output, service=usage.service)
    assert cost_of(short, PRICED) <= worst
    standard = msgspec.structs.replace(short, service="")
    assert cost_of(standard, PRICED) <= worst


def test_part_of_a_nano_dollar_counts_as_one() -> None:
    one = NanoUsd(1)
    cheap = Price(input=one, output=one, cached=one, cache_written=one)
    assert cost_of(Usage(), cheap) == 0
    assert cost_of(Usage(input=Tokens(1)), cheap) == 1
    assert cost_of(Usage(input=Tokens(10**6), output=Tokens(1)), cheap) == 2
    assert worst_cost(cheap, length=Tokens(1), output=Tokens(0)) == 1
    assert expected_cost(target("a", price=cheap), ask(input_tokens=Tokens(1)), Tokens(0)) == 1
