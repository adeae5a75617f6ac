import pytest

from switchgear.demo.errand import SYSTEM, WORK_TURN, Unknown, next_step, run_tool
from switchgear.demo.question import Question


def test_a_tool_refuses_what_was_not_looked_up() -> None:
    with pytest.raises(Unknown):
        run_tool("file_refund", '{"order":"A-1007","amount":"46.20"}')
    with pytest.raises(Unknown):
        run_tool("drop_table", "{}")
    with pytest.raises(Unknown):
        run_tool("find_order", "[1]")


def test_the_next_step_depends_on_the_results_not_on_their_number() -> None:
    tools = frozenset({"find_order", "find_policy", "find_rate", "file_refund"})
    asked = Question(model="m", system=SYSTEM, last=WORK_TURN, tools=tools, results=("{}", "{}"))
    step = next_step(asked)
    assert step is not None
    assert step.tool == "find_order"
    assert next_step(Question(model="m", system="other", last=WORK_TURN, tools=tools)) is None
