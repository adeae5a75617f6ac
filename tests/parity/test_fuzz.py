import asyncio
import logging
from random import Random  # noqa: TID251  (seeded: the same bodies each time)

import msgspec
import pytest
from parity.client import ROOTS
from parity.fuzz import Answer, fuzzed, judged, listening, shaped
from parity.mutant import Seeds, changed, mutant, paths, seeds

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.wire.registry import TONGUES

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
BODIES = 900
"""Half a dozen seconds on a slow core; ``make parity ARGS="--fuzz 600"`` goes on longer."""


def test_no_body_brings_a_500_nor_an_answer_in_the_wrong_shape() -> None:
    assert not asyncio.run(fuzzed(15.0, seed=7, most=BODIES))


@pytest.mark.parametrize("dialect", TONGUES, ids=lambda each: each.value)
def test_a_mutant_differs_from_every_body_that_is_right(dialect: Dialect) -> None:
    known: Seeds = {each: seeds(each) for each in TONGUES}
    right = {msgspec.json.encode(each, order="sorted") for each in known[dialect]}
    chance = Random(1)  # noqa: S311  (for tests)
    made = [mutant(dialect, known, chance) for _ in range(50)]
    assert len(set(made)) > 40
    assert len(right.intersection(made)) < 10


def test_every_place_of_a_body_can_be_changed() -> None:
    assert paths({"a": [1, {"b": 2}]}) == [("a",), ("a", 0), ("a", 1), ("a", 1, "b")]
    chance = Random(1)  # noqa: S311  (for tests)
    known: Seeds = {CHAT: [{"seed": 1}]}
    found = [changed({"a": [1]}, known, chance) for _ in range(60)]
    assert sum(each != {"a": [1]} for each in found) > 50


def test_what_is_wrong_is_seen() -> None:
    path = ROOTS[CHAT]
    error = TONGUES[CHAT].write_error(MalformedBody("no"), "d")
    assert judged(Answer(500, "application/json", b"{}"), CHAT, path)
    assert judged(Answer(200, "application/json", b"<html>"), CHAT, path)
    assert judged(Answer(200, "application/json", b"{}"), CHAT, path)
    assert judged(Answer(200, "text/event-stream", b"data: {}\n\n"), CHAT, path)
    assert judged(Answer(400, "application/json", error), MESSAGES, ROOTS[MESSAGES])
    assert not judged(Answer(400, "application/json", error), CHAT, path)
    assert shaped({"error": {"message": "a"}}, CHAT)


def test_what_is_logged_as_an_error_is_heard() -> None:
    with listening() as heard:
        logging.getLogger("switchgear").error("broken at %s", "a.py:1")
    assert heard == ["broken at a.py:1"]
