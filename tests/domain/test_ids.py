from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.ids import ALPHABET, CHANCE_BITS, mint, minted
from switchgear.domain.units import UnixMs

TIMES = st.integers(min_value=0, max_value=2**48 - 1).map(UnixMs)
BITS = st.integers(min_value=0, max_value=2**CHANCE_BITS - 1)


@given(TIMES, BITS)
def test_an_id_has_one_form(now: UnixMs, chance: int) -> None:
    made = mint(now, chance)
    assert made.startswith("sg_")
    assert len(made) == 29
    assert set(made[3:]) <= set(ALPHABET)


@given(TIMES, BITS, TIMES, BITS)
def test_ids_sort_by_the_time_they_were_made(a: UnixMs, p: int, b: UnixMs, q: int) -> None:
    if a < b:
        assert mint(a, p) < mint(b, q)


@given(TIMES, BITS, BITS)
def test_every_bit_of_chance_is_in_the_id(now: UnixMs, one: int, other: int) -> None:
    assert (mint(now, one) == mint(now, other)) == (one == other)


@given(TIMES, BITS)
def test_an_id_tells_when_it_was_made(now: UnixMs, chance: int) -> None:
    assert minted(mint(now, chance)) == now


@given(st.text())
def test_what_is_no_id_was_made_at_no_time(text: str) -> None:
    assert minted("sg_" + text[:9]) == 0
    assert minted("sg_" + text + "!" * 10) == 0 or len(text) >= 10
