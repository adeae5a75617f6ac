"""Usage in both directions."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages.tally import Details, Tally, write_usage

SOME = st.integers(0, 10_000).map(Tokens)
NUMBERS = st.none() | st.integers(-9, 9)
TALLIES = st.builds(
    Tally,
    input_tokens=NUMBERS,
    cache_read_input_tokens=NUMBERS,
    cache_creation_input_tokens=NUMBERS,
    output_tokens=NUMBERS,
    output_tokens_details=st.none() | st.builds(Details, NUMBERS),
)


def read(written: dict[str, object]) -> Usage:
    return msgspec.convert(written, Tally).usage()


@given(SOME, SOME, SOME, SOME, SOME)
def test_what_is_written_reads_the_same(
    fresh: Tokens, cached: Tokens, written: Tokens, output: Tokens, reasoning: Tokens
) -> None:
    usage = Usage(
        input=Tokens(fresh + cached + written),
        cached=cached,
        cache_written=written,
        output=output,
        reasoning=reasoning,
    )
    assert read(write_usage(usage)) == usage


def test_our_input_counts_what_the_cache_served_and_took_and_theirs_does_not() -> None:
    tally = Tally(input_tokens=3, cache_read_input_tokens=20, cache_creation_input_tokens=100)
    assert tally.usage().input == 123
    assert write_usage(tally.usage())["input_tokens"] == 3


def test_a_target_that_told_nothing_is_written_as_zeros() -> None:
    assert set(write_usage(None).values()) == {0}


@given(TALLIES)
def test_no_count_is_ever_negative(tally: Tally) -> None:
    usage = tally.usage()
    assert min(usage.input, usage.cached, usage.cache_written, usage.output, usage.reasoning) >= 0


@given(TALLIES, TALLIES)
def test_later_counts_replace_earlier_ones_and_silence_keeps_them(one: Tally, two: Tally) -> None:
    merged = one.merge(two)
    for name in Tally.__struct_fields__:
        said = getattr(two, name)
        assert getattr(merged, name) == (getattr(one, name) if said is None else said)
