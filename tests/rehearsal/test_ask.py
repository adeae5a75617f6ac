import pytest

from support.rehearsal import SCHEMA, an_ask
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.ask import BadAsk, read_ask

CHAT_TOOLS = [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]
MESSAGES_TOOLS = [{"name": "f", "input_schema": SCHEMA}]


@pytest.mark.parametrize(
    ("dialect", "tools", "choice"),
    [
        (Dialect.OPENAI_CHAT, CHAT_TOOLS, "required"),
        (Dialect.OPENAI_CHAT, CHAT_TOOLS, {"type": "function", "function": {"name": "f"}}),
        (Dialect.ANTHROPIC_MESSAGES, MESSAGES_TOOLS, {"type": "any"}),
    ],
)
def test_a_demanded_tool_call_is_known_with_arguments_that_fit(
    dialect: Dialect, tools: object, choice: object
) -> None:
    found = an_ask(dialect, tools=tools, tool_choice=choice)
    assert (found.tool, found.fitting, found.must_call) == ("f", {"city": "Bern"}, True)
    assert not an_ask(dialect, tools=tools).must_call
    assert not an_ask(dialect, tool_choice=choice).must_call


def test_what_the_assistant_said_last_is_known() -> None:
    said = {"role": "assistant", "content": [{"type": "text", "text": "one"}]}
    user = {"role": "user", "content": "go on"}
    last = an_ask(Dialect.ANTHROPIC_MESSAGES, messages=[user, said])
    assert (last.said, last.prefilled) == ("one", True)
    before = an_ask(Dialect.OPENAI_CHAT, messages=[user, said, user])
    assert (before.said, before.prefilled) == ("one", False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"model":1}', b"[" * 3000])
def test_a_body_that_names_no_model_is_refused(body: bytes) -> None:
    with pytest.raises(BadAsk):
        read_ask("/v1/messages", {}, body)


def test_another_path_is_refused() -> None:
    with pytest.raises(BadAsk):
        read_ask("/v1/embeddings", {}, b'{"model":"healthy"}')
