"""Whoever asks the owner's functions keeps the same contract."""

import asyncio
from collections.abc import Callable

import pytest

from switchgear.adapters.opinions.memory import MemoryOpinions
from switchgear.adapters.opinions.own import OwnOpinions
from switchgear.domain.turn import Conversation
from switchgear.ports.opinion import NoOpinions, Opinions, Viewed

LENGTH = "support.judging:by_length"
HI = Viewed(text="hi", talk=Conversation(model="auto", turns=()))
MAKERS: dict[str, Callable[[], Opinions]] = {
    "own": OwnOpinions,
    "memory": lambda: MemoryOpinions({"hi": 0.2}),
}


def asked(opinions: Opinions, name: str) -> float | None:
    async def life() -> float | None:
        return await opinions.ask(name, HI)

    try:
        return asyncio.run(life())
    finally:
        opinions.close()


@pytest.mark.parametrize("maker", MAKERS)
def test_a_function_that_was_expected_is_asked(maker: str) -> None:
    opinions = MAKERS[maker]()
    opinions.expect([LENGTH])
    assert asked(opinions, LENGTH) == 0.2


@pytest.mark.parametrize("maker", [*MAKERS, "none"])
def test_one_that_nobody_expected_has_no_opinion(maker: str) -> None:
    opinions = MAKERS.get(maker, NoOpinions)()
    opinions.expect([])
    assert asked(opinions, LENGTH) is None


@pytest.mark.parametrize("maker", MAKERS)
def test_one_that_is_not_there_is_told_and_the_others_stay(maker: str) -> None:
    opinions = MAKERS[maker]()
    opinions.expect([LENGTH])
    with pytest.raises(ValueError, match="no function nobody"):
        opinions.expect(["nobody"])
    assert asked(opinions, LENGTH) == 0.2


@pytest.mark.parametrize("maker", MAKERS)
def test_those_of_before_stay(maker: str) -> None:
    opinions = MAKERS[maker]()
    opinions.expect([LENGTH])
    opinions.expect([])
    assert asked(opinions, LENGTH) == 0.2


@pytest.mark.parametrize("maker", MAKERS)
def test_after_closing_nobody_is_asked(maker: str) -> None:
    opinions = MAKERS[maker]()
    opinions.expect([LENGTH])
    opinions.close()
    assert asked(opinions, LENGTH) is None
