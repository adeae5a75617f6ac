"""What is asked of ``:countTokens``, and answered."""

import json

import pytest
from google.genai.types import CountTokensResponse

from switchgear.domain.edit import UseModel
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation, Role, Text, Tool, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.gemini.count import GeminiCounter

ASKED = Conversation(
    model="auto",
    turns=(Turn(Role.SYSTEM, (Text("s"),)), Turn(Role.USER, (Text("hi"),))),
    tools=(Tool(name="f"),),
    max_output=9,
)
COUNTER = GeminiCounter()


def test_only_what_has_to_do_with_the_input_is_sent() -> None:
    written = json.loads(COUNTER.write(ASKED, (UseModel("x"),)))
    assert list(written) == ["model", "systemInstruction", "tools", "contents"]
    assert written["model"] == "models/x"


def test_a_count_is_written_and_read() -> None:
    raw = COUNTER.write_answer(Tokens(17))
    assert CountTokensResponse.model_validate_json(raw).total_tokens == 17
    assert COUNTER.read(raw) == 17


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"totalTokens":-1}', b'{"totalTokens":"x"}'])
def test_nonsense_is_no_count(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        COUNTER.read(raw)
