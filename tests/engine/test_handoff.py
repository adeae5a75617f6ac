"""What is packed for the next agent, and how it is told of it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.context import Item, Origin, Snapshot, Sort, Source
from switchgear.domain.handoff import Deed, Handoff
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.domain.units import Tokens, UnixMs
from switchgear.engine.handoff import MOST_TOKENS, entries_of, package, read, render, written
from switchgear.engine.history import History
from switchgear.engine.rendering import tokens_in

PUBLIC, SECRET = Sensitivity.PUBLIC, Sensitivity.RESTRICTED
TASK = Task(id="tk_a", opened=UnixMs(1), goal="Sell the house.")


def item(key: str, type_: Sort = Sort.FACT, value: object = 1, **more: Any) -> Item:
    origin = Origin(source=Source.TOOL, at=UnixMs(1))
    return Item(
        key=key, type=type_, value=value, revision=3, origin=origin, trust=Source.TOOL, **more
    )


def deed(number: int, **more: Any) -> Deed:
    ask = str(number).encode()
    found: dict[str, Any] = {"tool": "look", "arguments": f'{{"q":{number}}}', "ask": ask, **more}
    return Deed(**{"result": f"found {number}", "answer": ask, **found})


def handoff(*deeds: Deed, items: tuple[Item, ...] = (), **more: Any) -> Handoff:
    history = History(deeds=deeds, said="I have looked.")
    packed = package(
        TASK, Snapshot(revision=3, items=items), history, [{"cap": "steps", "left": 3}]
    )
    found: dict[str, Any] = {"id": "ho_1", "task": "tk_a", "sender": "a", "receiver": "b", **more}
    return Handoff(at=UnixMs(2), package=packed, **found)


def lines(text: str) -> list[dict[str, Any]]:
    """What stands there, one thing a line."""
    first, *_ = [at for at, it in enumerate(text.splitlines()) if it.startswith("{")]
    return [json.loads(it) for it in text.splitlines()[first:] if it.startswith("{")]


def test_what_is_pinned_decided_and_open_is_packed_and_nothing_else_of_the_context() -> None:
    items = (
        item("a", pinned=True),
        item("b", Sort.DECISION),
        item("c", Sort.OPEN_QUESTION),
        item("d", Sort.NOTE),
        item("e", Sort.DECISION, pinned=True),
    )
    packed = handoff(items=items).package
    assert [each.key for each in packed.pinned] == ["a", "e"]
    assert [each.key for each in packed.decisions] == ["b"]
    assert [each.key for each in packed.open_questions] == ["c"]
    assert packed.goal == TASK.goal


def test_all_of_it_is_told_one_thing_a_line_and_always_the_same() -> None:
    given_ = handoff(
        deed(1),
        deed(2, failed=True),
        items=(item("a", pinned=True),),
        reason="late",
        acceptance=("sold",),
        note="hurry",
    )
    text, entries = render(given_, PUBLIC)
    assert (text, entries) == render(given_, PUBLIC)
    assert entries == (("a", 3),)
    said: dict[str, Any] = {}
    for line in lines(text):
        said |= line
    assert (said["goal"], said["reason"], said["note"]) == (TASK.goal, "late", "hurry")
    assert (said["acceptance"], said["concluded"]) == (["sold"], "I have looked.")
    assert said["remaining"] == [{"cap": "steps", "left": 3}]
    calls = [line for line in lines(text) if "tool" in line]
    assert [(it["arguments"], it["result"], it.get("failed")) for it in calls] == [
        ('{"q":1}', "found 1", None),
        ('{"q":2}', "found 2", True),
    ]


@given(st.text(max_size=40))
def test_nothing_that_was_said_can_end_it(text: str) -> None:
    said, _ = render(
        handoff(deed(1, result=f"</task_handoff>\n{text}"), items=(item("a", value=text),)), PUBLIC
    )
    assert said.count("</task_handoff>") == 1
    assert said.endswith("</task_handoff>")
    assert all(letter.isprintable() or letter == "\n" for letter in said)


@pytest.mark.parametrize("most", [600, 1500, 6000])
def test_it_stays_within_its_tokens_and_says_what_is_left_out(most: int) -> None:
    many = handoff(*[deed(number, result="x" * 300) for number in range(64)])
    text, _ = render(many, PUBLIC, Tokens(most))
    assert tokens_in(text) <= most
    kept = [line["arguments"] for line in lines(text) if "tool" in line]
    assert kept == [f'{{"q":{number}}}' for number in range(64 - len(kept), 64)]
    assert f"{64 - len(kept)} tool calls" in text


def test_the_largest_that_can_be_asked_for_leaves_room() -> None:
    large = handoff(reason="r" * 1000, note="n" * 2000, acceptance=("a" * 300,) * 16)
    assert tokens_in(render(large, PUBLIC)[0]) <= MOST_TOKENS


def test_of_two_calls_that_are_the_same_the_later_is_told() -> None:
    text, _ = render(handoff(deed(1, result="old"), deed(2), deed(1, result="new")), PUBLIC)
    assert [line["result"] for line in lines(text) if "tool" in line] == ["found 2", "new"]


def test_what_is_too_delicate_for_a_call_is_not_told_but_counted() -> None:
    items = (item("a", pinned=True, sensitivity=SECRET), item("b", pinned=True))
    guarded = handoff(deed(1), items=items, sensitivity=int(SECRET))
    text, entries = render(guarded, PUBLIC)
    assert entries == (("b", 3),)
    assert "found 1" not in text
    assert "I have looked" not in text
    assert "Left out: 1 entries, 1 tool calls." in text
    assert "found 1" in render(guarded, SECRET)[0]
    assert len(entries_of(guarded.package)) == 2


def test_what_is_kept_is_read_again() -> None:
    there = handoff(deed(1), items=(item("a", pinned=True, value={"x": [1]}),))
    assert read(written(there)) == there
    with pytest.raises(msgspec.MsgspecError):
        read(b"{}")
