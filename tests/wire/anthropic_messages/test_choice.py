"""``tool_choice`` as the Messages API has it."""

import pytest

from switchgear.domain.turn import Choice, ToolChoice
from switchgear.wire.anthropic_messages.choice import write_choice


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        (ToolChoice(), {"type": "auto"}),
        (
            ToolChoice(choice=Choice.REQUIRED, parallel=False),
            {"type": "any", "disable_parallel_tool_use": True},
        ),
        (
            ToolChoice(choice=Choice.NAMED, name="f", parallel=True),
            {"type": "tool", "name": "f", "disable_parallel_tool_use": False},
        ),
        (ToolChoice(choice=Choice.NONE, parallel=False), {"type": "none"}),
    ],
)
def test_none_says_nothing_of_how_many_at_once(
    asked: ToolChoice, written: dict[str, object]
) -> None:
    assert write_choice(asked) == written
