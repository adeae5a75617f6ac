"""The owner's functions run in threads, and whatever they do harms nobody."""

import asyncio
import logging

import msgspec
import pytest

from support import judging
from switchgear.adapters.opinions.own import MOST_AT_ONCE, OwnOpinions
from switchgear.domain.turn import AnswerFormat, Conversation, Role, Text, Tool, Turn
from switchgear.domain.units import Seconds
from switchgear.ports.opinion import Viewed

TALK = Conversation(
    model="auto",
    turns=(Turn(Role.USER, (Text("How warm is it?"),)),),
    tools=(Tool(name="weather"),),
    format=AnswerFormat(schema=msgspec.Raw(b"{}")),
)
HI = Viewed(text="hi", calls=(("weather", "{}"),), talk=TALK, facts={"agent": "clerk"})


def said(name: str) -> float | None:
    async def life() -> float | None:
        opinions = OwnOpinions()
        opinions.expect([f"support.judging:{name}"])
        try:
            return await opinions.ask(f"support.judging:{name}", HI)
        finally:
            opinions.close()

    return asyncio.run(life())


@pytest.mark.parametrize(
    ("name", "opinion"),
    [("by_length", 0.2), ("remembering", 1.0), ("silent", None), ("far", 1.0)],
)
def test_it_says_true_false_a_number_or_nothing(name: str, opinion: float | None) -> None:
    assert said(name) == opinion


def test_it_sees_plain_values() -> None:
    judging.SEEN.clear()
    said("remembering")
    ((text, asked),) = judging.SEEN
    assert text == "hi"
    assert asked == {
        "agent": "clerk",
        "question": "How warm is it?",
        "tools": ["weather"],
        "schema": b"{}",
        "calls": [["weather", "{}"]],
    }


@pytest.mark.parametrize("name", ["failing", "leaving", "wordy", "endless"])
def test_one_that_fails_has_no_opinion_and_that_is_told_once(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def life() -> None:
        opinions = OwnOpinions()
        opinions.expect([f"support.judging:{name}"])
        for _ in range(3):
            assert await opinions.ask(f"support.judging:{name}", HI) is None
        opinions.close()

    with caplog.at_level(logging.WARNING, "switchgear"):
        asyncio.run(life())
    assert len(caplog.records) == 1
    assert "hi" not in caplog.text.replace("this", "")


async def until_none_runs(opinions: OwnOpinions) -> None:
    for _ in range(5000):
        if not opinions._running:
            return
        await asyncio.sleep(0.001)
    raise AssertionError("a thread is still at it")


def test_one_that_takes_too_long_is_left_alone_for_a_while() -> None:
    async def life() -> None:
        opinions = OwnOpinions(run_time=Seconds(0.01))
        opinions.expect(["support.judging:stuck", "support.judging:by_length"])
        for _ in range(20):
            assert await opinions.ask("support.judging:stuck", HI) is None
        assert opinions._running == 1, "it was asked once"
        judging.LET_GO.set()
        await until_none_runs(opinions)
        opinions._run_time = Seconds(5.0)
        assert await opinions.ask("support.judging:by_length", HI) == 0.2
        opinions.close()

    judging.LET_GO.clear()
    asyncio.run(life())


def test_a_caller_who_leaves_leaves_no_question_behind() -> None:
    async def life() -> None:
        opinions = OwnOpinions()
        opinions.expect(["support.judging:stuck"])
        asking = [
            asyncio.ensure_future(opinions.ask("support.judging:stuck", HI))
            for _ in range(MOST_AT_ONCE + 5)
        ]
        await asyncio.sleep(0.01)
        assert opinions._running == MOST_AT_ONCE
        for each in asking:
            each.cancel()
        await asyncio.wait(asking)
        judging.LET_GO.set()
        await until_none_runs(opinions)
        opinions.close()

    judging.LET_GO.clear()
    asyncio.run(life())


@pytest.mark.parametrize("name", ["nowhere:good", "support.judging:none", ":", "support.judging"])
def test_what_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="no function"):
        OwnOpinions().expect([name])


@pytest.mark.parametrize("name", ["awaited", "NUMBER"])
def test_what_cannot_be_called_in_a_thread_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="not a plain function"):
        OwnOpinions().expect([f"support.judging:{name}"])
