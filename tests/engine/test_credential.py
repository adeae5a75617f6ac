"""How secrets are written, and what is said of those that nobody knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.ids import ALPHABET
from switchgear.engine.credential import (
    CHECK_LETTERS,
    ID,
    ID_BITS,
    RANDOM_BITS,
    complaint,
    hint_of,
    mint_id,
    mint_secret,
)

BITS = st.integers(0, 2**RANDOM_BITS - 1)
ONE = mint_secret("team-a", 12345 << 90).reveal()


@given(st.from_regex(ID, fullmatch=True), BITS)
def test_a_secret_that_was_made_here_has_no_fault(name: str, bits: int) -> None:
    secret = mint_secret(name, bits)
    assert complaint(secret.reveal()) == ""
    assert secret.reveal().startswith(f"sgk_{name}_")
    assert secret.reveal() not in repr(secret)
    assert secret.reveal().endswith(hint_of(secret))


@given(st.integers(0, len(ONE) - CHECK_LETTERS - 1), st.sampled_from(ALPHABET))
def test_one_letter_that_is_mistyped_is_found(at: int, letter: str) -> None:
    typed = ONE[:at] + letter + ONE[at + 1 :]
    if typed != ONE and typed.startswith("sgk_"):
        assert "mistyped" in complaint(typed)


@given(st.integers(4, len(ONE) - 1))
def test_a_secret_that_is_cut_off_is_found(length: int) -> None:
    assert "not copied whole" in complaint(ONE[:length])


@given(BITS, BITS)
def test_other_bits_are_another_secret(one: int, other: int) -> None:
    same = mint_secret("k", one) == mint_secret("k", other)
    assert same == (one == other)


@pytest.mark.parametrize("text", ["sk-other", "", "x" * 4096])
def test_of_a_foreign_key_nothing_is_said(text: str) -> None:
    assert complaint(text) == ""


@pytest.mark.parametrize("text", ["kéy", "my key", "a\tb", "a\x00", "x" * 4097, "sgk_Ä"])
def test_what_can_be_no_key_is_said_and_never_repeated(text: str) -> None:
    found = complaint(text)
    assert found
    assert text not in found


def test_an_id_that_is_drawn_is_one_that_may_be_chosen() -> None:
    assert ID.fullmatch(mint_id(2**ID_BITS - 1))
    assert ID.fullmatch(mint_id(0))
