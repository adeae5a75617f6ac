"""The property that matters most: between no two dialects is anything lost without a word."""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from typing_extensions import override

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Edit
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.wire import carriage, change
from switchgear.wire.carriage import (
    Carriage,
    Fate,
    carry_answer,
    carry_answers,
    carry_request,
    carry_requests,
)
from switchgear.wire.openai_chat.tongue import OpenAIChat
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import SPECIMENS, Signer, Specimen, posed
from switchgear.wire.utterance import UTTERANCES

PAIRS = list(product(TONGUES, repeat=2))
BY_NAME = {each.name: each for each in SPECIMENS}
SAID = {each.name: each for each in UTTERANCES}
CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES


def named(pair: tuple[Dialect, Dialect]) -> str:
    return f"{pair[0].value}-{pair[1].value}"


def requests(caller: Dialect, target: Dialect) -> list[Carriage]:
    return list(carry_requests(TONGUES[caller], TONGUES[target]))


def answers(caller: Dialect, target: Dialect) -> list[Carriage]:
    return list(carry_answers(TONGUES[target], TONGUES[caller]))


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_nothing_of_a_request_is_lost_silently(pair: tuple[Dialect, Dialect]) -> None:
    assert not [f"{it.feature}: {it.how}" for it in requests(*pair) if it.fate is Fate.LOST]


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_nothing_of_an_answer_is_lost_silently(pair: tuple[Dialect, Dialect]) -> None:
    assert not [f"{it.feature}: {it.how}" for it in answers(*pair) if it.fate is Fate.LOST]


@pytest.mark.parametrize("dialect", TONGUES, ids=lambda it: it.value)
def test_what_a_dialect_says_it_says_to_itself(dialect: Dialect) -> None:
    """A round trip: only thinking may stay behind, where nobody is there who could check it."""
    lost = [it for it in requests(dialect, dialect) if it.fate not in {Fate.CARRIED, Fate.ABSENT}]
    assert not [it.feature for it in lost if not it.feature.startswith("thinking")]
    assert {it.fate for it in answers(dialect, dialect)} <= {Fate.CARRIED, Fate.ABSENT}


def told() -> Iterator[tuple[str, Dialect, str]]:
    for caller, target in PAIRS:
        for it in requests(caller, target):
            yield it.feature, target, it.how
        for it in answers(caller, target):
            yield it.feature, caller, it.how


def test_every_change_that_is_told_is_there() -> None:
    found = set(told())
    tables = (change.REQUEST_CHANGES, change.ANSWER_CHANGES, change.ANSWER_DROPS)
    stale = [
        (feature, dialect.value)
        for table in tables
        for (feature, dialect), how in table.items()
        if dialect in TONGUES and (feature, dialect, how) not in found
    ]
    assert not stale


@pytest.mark.parametrize("feature", BY_NAME)
def test_every_feature_of_a_request_can_be_said_in_some_dialect(feature: str) -> None:
    if set(TONGUES) != set(Dialect):
        assert feature
        return
    found = {carry_request(BY_NAME[feature], TONGUES[a], TONGUES[b]).fate for a, b in PAIRS}
    assert found != {Fate.ABSENT}


def test_every_feature_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(SPECIMENS)
    assert len(SAID) == len(UTTERANCES)


class Forgetful(OpenAIChat):
    """A tongue that forgets a stop sequence, and the last word of an answer."""

    @override
    def write(
        self, conversation: Conversation, edits: Sequence[Edit]
    ) -> tuple[bytes, tuple[str, ...]]:
        raw, names = super().write(conversation, edits)
        return raw.replace(b'"stop":["END","STOP"]', b'"stop":["END"]'), names

    @override
    def write_whole(
        self, decision: str, events: Sequence[Event], conversation: Conversation | None = None
    ) -> bytes:
        return super().write_whole(decision, events, conversation).replace(b"mostly.", b"")


def test_a_loss_that_nobody_names_is_found() -> None:
    found = carry_request(BY_NAME["stop sequences"], TONGUES[MESSAGES], Forgetful())
    assert (found.fate, "STOP" in found.how) == (Fate.LOST, True)
    said = carry_answer(SAID["words"], TONGUES[MESSAGES], Forgetful(), stream=False)
    assert (said.fate, "mostly" in said.how) == (Fate.LOST, True)


def test_a_loss_that_is_named_is_told_by_its_name() -> None:
    found = carry_request(BY_NAME["seed"], TONGUES[CHAT], TONGUES[MESSAGES])
    assert (found.fate, found.how) == (Fate.DROPPED, "seed")


def test_thinking_is_signed_by_whoever_is_to_have_signed_it() -> None:
    def origins(specimen: Specimen) -> set[object]:
        turns = posed(specimen, CHAT, MESSAGES).turns
        return {part.origin for it in turns for part in it.parts if hasattr(part, "origin")}

    by = {it.signer: origins(it) for it in SPECIMENS if it.name.startswith("thinking, signed")}
    assert by == {Signer.TARGETS: {MESSAGES}, Signer.CALLERS: {CHAT}}


def test_the_worse_of_whole_and_stream_is_told() -> None:
    found = {it.feature: it.fate for it in carry_answers(TONGUES[MESSAGES], Forgetful())}
    assert found["words"] is Fate.LOST
    assert carriage.MODELS.keys() == set(Dialect)
