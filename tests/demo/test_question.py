from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.question import BadQuestion, Question, read_anthropic, read_openai


def test_both_dialects_are_heard_alike() -> None:
    openai = read_openai(
        b'{"model":"m","messages":[{"role":"system","content":"be"},{"role":"user","content":"go"},'
        b'{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":'
        b'{"name":"t","arguments":"{\\"a\\":1}"}}]},'
        b'{"role":"tool","tool_call_id":"1","content":"42"}],'
        b'"tools":[{"type":"function","function":{"name":"t"}}]}'
    )
    anthropic = read_anthropic(
        b'{"model":"m","system":"be","messages":[{"role":"user","content":"go"},'
        b'{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t","input":{"a":1}}]},'
        b'{"role":"user","content":[{"type":"tool_result","tool_use_id":"1",'
        b'"content":[{"type":"text","text":"42"}]}]}],"tools":[{"name":"t"}]}'
    )
    assert openai == Question(
        model="m", system="be", last="go", results=("42",), tools=frozenset({"t"}), chars=13
    )
    assert anthropic.results == openai.results
    assert (anthropic.last, anthropic.chars, anthropic.tools) == ("go", 13, openai.tools)


@pytest.mark.parametrize("read", [read_openai, read_anthropic])
@given(raw=st.binary() | st.sampled_from([b"[]", b"{}", b'{"messages":[1,{"content":[2]}]}']))
def test_bytes_from_anywhere_are_a_question_or_a_bad_one(
    read: Callable[[bytes], Question], raw: bytes
) -> None:
    try:
        read(raw)
    except BadQuestion:
        return
    assert b"messages" in raw
