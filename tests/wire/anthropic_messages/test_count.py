import msgspec
import pytest
from anthropic.types import MessageTokensCount
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.edit import UseModel
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages.count import MessagesCounter

COUNTER = MessagesCounter()


@given(st.integers(0, 1 << 40))
def test_a_count_is_the_same_after_writing_and_reading(count: int) -> None:
    raw = COUNTER.write_answer(Tokens(count))
    assert COUNTER.read(raw) == count
    assert MessageTokensCount.model_validate_json(raw).input_tokens == count


def test_only_what_has_to_do_with_the_input_is_sent() -> None:
    turns = (Turn(Role.SYSTEM, (Text("Be brief."),)), Turn(Role.USER, (Text("Hi"),)))
    talk = Conversation(model="auto", turns=turns, stream=True, max_output=9, stop=("x",))
    sent = msgspec.json.decode(COUNTER.write(talk, (UseModel("claude"),)))
    assert sent.keys() == {"model", "system", "messages"}
    assert sent["model"] == "claude"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"input_tokens":-1}', b'{"input_tokens":"1"}', b"[" * 9000, b"<html>"]
)
def test_what_is_no_count_is_garbled(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        COUNTER.read(raw)
