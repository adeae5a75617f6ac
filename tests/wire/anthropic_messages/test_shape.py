"""Which bodies are taken, which are not, and what is said about them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedBody
from switchgear.wire.anthropic_messages.shape import (
    FIELD_NAME,
    MAX_NAMES,
    UNKNOWN,
    UnknownBlock,
    fit,
)

HI = {"role": "user", "content": "hi"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
FIELDS = ("model", "messages", "tools", "output_config", "system", "tool_choice", "thinking")


def body(**changes: object) -> dict[str, Any]:
    return {"model": "m", "messages": [HI], **changes}


def holding(*blocks: object) -> dict[str, Any]:
    return body(messages=[{"role": "user", "content": list(blocks)}])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"messages": [HI]}, "model: required"),
        (body(messages=[]), "messages: expected array of length >= 1"),
        (body(messages=[{"role": "user"}]), "messages[0].content: required"),
        (body(max_tokens="9"), "max_tokens: expected int | null, got str"),
        (body(max_tokens=-1), "max_tokens: expected int >= 0"),
        (
            body(messages=[{**HI, "role": "tool"}]),
            "messages[0].role: invalid enum value 'tool'; expected one of user, assistant, system",
        ),
        (body(tools=[{"name": "f"}]), "tools[0].input_schema: required"),
        (body(tool_choice={"type": "tool"}), "tool_choice: type tool needs name"),
        (body(thinking={"type": "enabled"}), "thinking: type enabled needs budget_tokens"),
        (
            holding({"type": "image", "source": {"type": "url"}}),
            "messages[0].content[0].source: a url source needs url",
        ),
        (
            holding({"type": "document", "source": {"type": "base64", "data": "QQ=="}}),
            "messages[0].content[0].source: a base64 source needs media_type and data",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(found: dict[str, Any], said: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        fit(found)
    assert said in caught.value.message


def test_a_block_of_a_new_kind_is_no_error_but_named() -> None:
    request, unread = fit(holding({"type": "hologram", "x": 1}, {"type": "text", "text": "hi"}))
    content = request.messages[0].content
    assert content[0] == UnknownBlock(kind="hologram")
    assert unread == ("messages.content.hologram",)


def test_a_new_kind_inside_a_result_is_named_too() -> None:
    inner = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "hologram"}]}
    assert fit(holding(inner))[1] == ("messages.content.hologram",)


def test_tools_that_the_provider_runs_are_no_error_but_named() -> None:
    mine = {"name": "f", "input_schema": {}}
    request, unread = fit(body(tools=[{"type": "web_search_20250305", "name": "s"}, mine]))
    assert request.tools is not None
    assert [tool is None for tool in request.tools] == [True, False]
    assert unread == ("tools.web_search_20250305",)


def test_fields_that_are_not_read_are_named_and_bounded() -> None:
    many = {f"extra_{number}": 1 for number in range(2 * MAX_NAMES)}
    assert fit(body(service_tier="auto"))[1] == ("service_tier",)
    assert fit(body(output_config={"speed": 1}))[1] == ("output_config.speed",)
    assert len(fit(body(**many))[1]) == MAX_NAMES


def test_nothing_of_the_caller_can_break_a_header() -> None:
    assert fit(body(**{"a\r\nx-evil: 1": 1}))[1] == ("unknown",)


def test_the_mark_of_the_unknown_cannot_be_smuggled_in() -> None:
    request, unread = fit(holding({"type": UNKNOWN, "kind": "text"}))
    assert request.messages[0].content[0] == UnknownBlock(kind=UNKNOWN)
    assert unread == ("messages.content.unknown",)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), JSON))
def test_any_json_is_taken_or_refused_and_never_breaks_it(found: dict[str, Any]) -> None:
    try:
        _, unread = fit({"model": "m", "messages": [HI], **found})
    except MalformedBody:
        return
    assert all(FIELD_NAME.fullmatch(part) for name in unread for part in name.split("."))
