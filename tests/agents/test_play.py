import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from agents.play import play
from agents.transcript import Lost

from agents import shop
from switchgear.domain.event import Finished, Stop, TextDelta, ToolDelta, ToolStarted
from switchgear.domain.turn import (
    Conversation,
    Part,
    Role,
    Text,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)

Run = Callable[[str, dict[str, Any]], str]
ASKED = Conversation(model="m", turns=(Turn(Role.USER, (Text("Do it."),)),))
SHOP = {"stock": {"count": 6, "mark": "ß"}, "price": {"credits": 7}, "worth": {}}


def offered(*names: str) -> Conversation:
    return msgspec.structs.replace(ASKED, tools=tuple(Tool(name=name) for name in names))


def goods(name: str, arguments: dict[str, Any]) -> str:
    if name.endswith("worth"):
        assert arguments == {"count": 6, "price": 7, "mark": "ß"}
        return json.dumps({"credits": 42, "seal": "s"})
    assert arguments == {"item": shop.ITEM}
    return json.dumps(SHOP[name.rpartition("_")[2]])


def desk(name: str, arguments: dict[str, Any]) -> str:
    if name == "Bash":
        return f"/home\n{arguments['command'].rpartition(' ')[2]} says\n"
    assert arguments["file_path"] == "/home/joined.txt"
    return "done" if name == "Write" else "     1→left.txt says\n     2→right.txt says"


def shell(_name: str, arguments: dict[str, Any]) -> str:
    return f"Chunk: 1\nOutput:\n{arguments['cmd'].partition(' ')[2].partition('<')[0]}\n"


def answered(conversation: Conversation, run: Run) -> tuple[str, list[str]]:
    """Do what the script asks until it asks for nothing; return its last words and its steps."""
    steps = []
    for number in range(9):
        played = play(conversation, number)
        steps.append(played.step)
        said: list[Part] = []
        texts: dict[int, str] = {}
        for event in played.events:
            match event:
                case ToolStarted():
                    said.append(ToolUse(id=event.id, name=event.name, arguments=""))
                    texts[event.index] = ""
                case ToolDelta():
                    texts[event.index] += event.json
        uses = [
            msgspec.structs.replace(use, arguments=texts[index])
            for index, use in enumerate(part for part in said if isinstance(part, ToolUse))
        ]
        words = "".join(event.text for event in played.events if isinstance(event, TextDelta))
        if not uses:
            return words, steps
        results = [
            ToolResult(id=use.id, parts=(Text(run(use.name, json.loads(use.arguments))),))
            for use in uses
        ]
        turns = (Turn(Role.ASSISTANT, tuple(uses)), Turn(Role.USER, tuple(results)))
        conversation = msgspec.structs.replace(conversation, turns=conversation.turns + turns)
    raise AssertionError(steps)


@pytest.mark.parametrize(
    ("names", "run", "words", "steps"),
    [
        (("stock", "price", "worth"), goods, "The stock is worth 42 credits. s", 3),
        (("my_worth", "my_price", "my_stock"), goods, "The stock is worth 42 credits. s", 3),
        (("Bash", "Read", "Write"), desk, "It says: left.txt says + right.txt says", 4),
        (("exec_command",), shell, "It says: joined.txt", 4),
    ],
)
def test_each_task_comes_to_its_answer_by_its_steps(
    names: tuple[str, ...], run: Run, words: str, steps: int
) -> None:
    said, taken = answered(offered(*names), run)
    assert said == words
    assert [step.rpartition(" ")[2] for step in taken] == [str(n) for n in range(1, steps + 1)]


def test_the_first_step_asks_for_two_tools_at_once_after_some_words() -> None:
    events = play(offered("stock", "price", "worth"), 1).events
    assert [each.name for each in events if isinstance(each, ToolStarted)] == ["stock", "price"]
    assert any(isinstance(each, TextDelta) for each in events)
    assert isinstance(events[-1], Finished)
    assert events[-1].stop is Stop.TOOL_USE


def test_an_answer_goes_into_the_tool_that_the_agent_has_for_it() -> None:
    schema = msgspec.Raw(b'{"properties": {"answer": {}}}')
    conversation = offered("stock", "price", "worth")
    last = Tool(name="final_answer", schema=schema)
    conversation = msgspec.structs.replace(conversation, tools=(*conversation.tools, last))
    told = []

    def run(name: str, arguments: dict[str, Any]) -> str:
        if name != "final_answer":
            return goods(name, arguments)
        told.append(arguments)
        raise KeyError(name)

    with pytest.raises(KeyError):
        answered(conversation, run)
    assert told == [{"answer": "The stock is worth 42 credits. s"}]


@pytest.mark.parametrize("lost", ["{", '{"count": 6}', "Error: no"])
def test_a_result_that_is_not_what_the_tool_gave_ends_the_play(lost: str) -> None:
    with pytest.raises(Lost):
        answered(offered("stock", "price", "worth"), lambda *_: lost)


def test_small_talk_is_no_step() -> None:
    assert play(ASKED, 1).step == ""
    assert play(offered("stock", "price"), 1).step == ""


def test_the_task_without_an_end_looks_at_the_same_for_ever() -> None:
    talk, said = offered("look"), []
    for number in range(3):
        events = play(talk, number).events
        said.append([each.json for each in events if isinstance(each, ToolDelta)])
        asked = ToolUse(id=f"call_{number}_0", name="look", arguments='{"at":"shelf 7"}')
        result = ToolResult(id=f"call_{number}_0", parts=(Text("The shelf is empty."),))
        turns = (*talk.turns, Turn(Role.ASSISTANT, (asked,)), Turn(Role.USER, (result,)))
        talk = msgspec.structs.replace(talk, turns=turns)
    assert said[0]
    assert said == [said[0]] * 3
