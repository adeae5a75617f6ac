import pytest
from anthropic.types import MessageTokensCount
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages import read_count, write_count


@given(st.integers(0, 1 << 40))
def test_a_count_is_the_same_after_writing_and_reading(count: int) -> None:
    raw = write_count(Tokens(count))
    assert read_count(raw) == Usage(input=Tokens(count))
    assert MessageTokensCount.model_validate_json(raw).input_tokens == count


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"input_tokens":-1}', b'{"input_tokens":"1"}', b"[" * 9000, b"<html>"]
)
def test_what_is_no_count_is_garbled(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read_count(raw)
