from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.wire.seal import MARK, seal, unseal

DIALECTS = st.sampled_from(Dialect)
SIGNATURES = st.text("ABCabc019+/=-_", min_size=1)


@given(SIGNATURES, DIALECTS, DIALECTS)
def test_a_signature_and_whose_it_is_come_back(
    signature: str, origin: Dialect, spoken: Dialect
) -> None:
    assert unseal(seal(signature, origin, spoken), spoken) == (signature, origin)


@given(SIGNATURES, DIALECTS)
def test_a_provider_gets_its_own_signature_as_it_was(signature: str, origin: Dialect) -> None:
    assert seal(signature, origin, origin) == signature


@given(st.text(), DIALECTS)
def test_whatever_a_caller_sends_is_read_as_something(text: str, spoken: Dialect) -> None:
    _, origin = unseal(text, spoken)
    assert (origin is None) is (text == "")


def test_a_seal_that_names_nobody_is_the_callers_own() -> None:
    text = f"{MARK}nobody:abc"
    assert unseal(text, Dialect.GEMINI) == (text, Dialect.GEMINI)


def test_no_signature_has_no_seal() -> None:
    assert seal("", Dialect.GEMINI, Dialect.OPENAI_CHAT) == ""
