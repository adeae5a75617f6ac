"""How hard a call is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import SHAPE, ask, hard
from switchgear.domain.ask import Shape, Step
from switchgear.domain.units import Tokens
from switchgear.engine.complexity import WEIGHTS, Weight, estimate

counts = st.integers(0, 10**6)


def test_the_shares_sum_to_one_and_every_sign_exists() -> None:
    assert sum(weight.share for weight in WEIGHTS) == pytest.approx(1)
    known = {*Shape.__struct_fields__, "input_tokens"}
    assert {weight.sign for weight in WEIGHTS} <= known


@given(st.sampled_from(WEIGHTS), counts, counts)
def test_it_grows_with_each_sign_and_stays_within_bounds(
    weight: Weight, one: int, other: int
) -> None:
    sign = weight.sign
    if sign == "input_tokens":
        low, high = (ask(input_tokens=Tokens(count)) for count in sorted((one, other)))
    else:
        low, high = (
            ask(shape=msgspec.structs.replace(SHAPE, **{sign: count}))
            for count in sorted((one, other))
        )
    assert 0 <= estimate(low) <= estimate(high) <= 1


@pytest.mark.parametrize("weight", WEIGHTS, ids=lambda weight: weight.sign)
def test_each_sign_counts_by_its_row_of_the_table(weight: Weight) -> None:
    sign, full, share = weight.sign, weight.full, weight.share
    nothing = msgspec.convert(
        dict.fromkeys(set(Shape.__struct_fields__) - {"counts"}, 0), Shape, strict=False
    )
    shape, tokens = nothing, Tokens(0)
    if sign == "input_tokens":
        tokens = Tokens(int(full))
    else:
        shape = msgspec.structs.replace(nothing, **{sign: full})
    assert estimate(ask(shape=shape, input_tokens=tokens)) == pytest.approx(share)


def test_a_step_of_a_loop_is_easier_than_a_new_request() -> None:
    assert estimate(hard(step=Step.TOOL_RESULT)) < estimate(hard())
