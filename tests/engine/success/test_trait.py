import msgspec
from hypothesis import given
from hypothesis import strategies as st

from support.cast import ask
from switchgear.domain.ask import Step
from switchgear.engine.success.trait import COUNTS, MOST, traits_of


def test_groups_go_from_everything_to_one_agent_with_its_tools_and_each_step_apart() -> None:
    plain = ask(model="auto")
    special = msgspec.structs.replace(plain, agent="coder", tools_digest="t", system_digest="s")
    wide, narrow = traits_of(plain).cells, traits_of(special).cells
    assert wide[0] == narrow[0] == ""
    assert narrow[: len(wide)] == wide
    assert len(set(narrow)) == 5
    result = msgspec.structs.replace(special, step=Step.TOOL_RESULT)
    assert set(traits_of(result).cells) & set(narrow) == {""}


def test_groups_of_others_are_never_taken_for_ones_own() -> None:
    one = ask(model="a|b", agent="c", tools_digest="t")
    other = ask(model="a", agent="b|c", tools_digest="t")
    assert not set(traits_of(one).cells[2:]) & set(traits_of(other).cells[2:])


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_no_count_is_out_of_bounds_however_odd_the_call(one: int, other: int) -> None:
    shape = msgspec.structs.replace(
        ask().shape, chars=one, last_chars=other, digits=one, questions=other, tools=one
    )
    dense = traits_of(ask(shape=shape)).dense
    assert len(dense) == COUNTS
    assert all(-MOST <= each <= MOST for each in dense)
