"""A session of fifty calls keeps its prompt cache, whatever dialect its target speaks."""

from itertools import pairwise, product

import msgspec
import pytest
from parity.talk import MARKS, TALKS, claude_code, codex, head_of

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.wire.carriage import MODELS
from switchgear.wire.registry import TONGUES

CALLS = 50
SESSIONS = {"claude code": claude_code, "codex": codex}
CALLERS = [each for each in TALKS if each in TONGUES]
MESSAGES = Dialect.ANTHROPIC_MESSAGES


def sent(caller: Dialect, target: Dialect, body: bytes) -> bytes:
    """What the target gets."""
    model, found = UseModel(MODELS[target][0]), TONGUES[caller].parse(body)
    if caller is target:
        return TONGUES[target].rewrite(found, (model,))
    return TONGUES[target].write(found.conversation, (model,))[0]


@pytest.mark.parametrize(
    ("caller", "target"),
    list(product(CALLERS, TONGUES)),
    ids=lambda each: each.value,
)
def test_each_of_fifty_calls_begins_with_all_of_the_call_before(
    caller: Dialect, target: Dialect
) -> None:
    heads = [head_of(target, sent(caller, target, body)) for body in TALKS[caller](CALLS)]
    assert len(heads) == CALLS
    for before, after in pairwise(heads):
        assert after.startswith(before)
        assert len(after) > len(before)


@pytest.mark.parametrize("caller", CALLERS, ids=lambda each: each.value)
def test_a_target_of_the_callers_dialect_gets_the_callers_bytes(caller: Dialect) -> None:
    for body in TALKS[caller](CALLS):
        got = msgspec.json.decode(sent(caller, caller, body), type=dict[str, msgspec.Raw])
        said = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        assert {name: bytes(raw) for name, raw in got.items() if name != "model"} == {
            name: bytes(raw) for name, raw in said.items() if name != "model"
        }


def test_a_session_is_shaped_as_agents_make_them() -> None:
    *_, last = claude_code(CALLS)
    told = msgspec.json.decode(last)
    kinds = {block["type"] for said in told["messages"] for block in said["content"]}
    marked = [said for said in told["messages"] if "cache_control" in said["content"][-1]]
    assert kinds == {"text", "thinking", "tool_use", "tool_result"}
    assert len(told["tools"]) == 20
    assert [said["role"] for said in marked] == ["user", "user"]
    assert all("signature" in said["content"][0] for said in told["messages"][1::2])
    assert [*claude_code(CALLS)] == [*claude_code(CALLS)]
    *_, last = codex(CALLS)
    items = {item["type"] for item in msgspec.json.decode(last)["input"]}
    assert items >= {"message", "reasoning", "function_call", "custom_tool_call"}


def test_a_prefix_that_is_not_kept_is_found() -> None:
    first, second, *_ = claude_code(3)
    changed = second.replace(b"Find out why", b"Find out how")
    assert not head_of(MESSAGES, changed).startswith(head_of(MESSAGES, first))
    assert head_of(MESSAGES, second).startswith(head_of(MESSAGES, first))


def test_marks_of_the_caches_end_are_not_part_of_a_prefix() -> None:
    assert b"cache_control" in next(claude_code(1))
    assert b"cache_control" not in head_of(MESSAGES, next(claude_code(1)))
    assert MARKS.sub(b"", b'[{"text":"a"},{"cachePoint":{"type":"default"}}]') == b'[{"text":"a"}]'
