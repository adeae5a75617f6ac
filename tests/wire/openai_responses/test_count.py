import json

import pytest
from openai.types.responses.input_token_count_params import InputTokenCountParams
from openai.types.responses.input_token_count_response import InputTokenCountResponse
from pydantic import TypeAdapter

from switchgear.domain.edit import UseModel
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation, Role, Text, Tool, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.openai_responses import TONGUE

ASKED = Conversation(
    model="m",
    turns=(Turn(Role.SYSTEM, (Text("a"),)), Turn(Role.USER, (Text("hi"),))),
    tools=(Tool(name="f"),),
    max_output=99,
    stream=True,
    end_user="u",
)


def test_only_what_has_to_do_with_the_input_is_asked() -> None:
    assert TONGUE.counter
    raw = TONGUE.counter.write(ASKED, (UseModel("x"),))
    TypeAdapter(InputTokenCountParams).validate_json(raw, strict=True)
    assert list(json.loads(raw)) == ["model", "instructions", "tools", "input"]
    assert json.loads(raw)["model"] == "x"


def test_a_count_that_is_written_is_read() -> None:
    assert TONGUE.counter
    raw = TONGUE.counter.write_answer(Tokens(7))
    assert InputTokenCountResponse.model_validate_json(raw, strict=True).input_tokens == 7
    assert TONGUE.counter.read(raw) == 7


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"input_tokens":-1}', b'{"input_tokens":"7"}'])
def test_what_is_no_count_is_refused(raw: bytes) -> None:
    assert TONGUE.counter
    with pytest.raises(UpstreamGarbled):
        TONGUE.counter.read(raw)
