"""What is passed through, as the rooms see it."""

import asyncio

from switchgear.domain.dialect import Dialect
from switchgear.engine.features import needs_of, survey
from switchgear.ports.passage import NEEDS, Passed, once


def test_a_body_that_is_there_is_given_once() -> None:
    async def life() -> None:
        take = once(b"abc")
        assert [await take(), await take()] == [b"abc", b""]

    asyncio.run(life())


def test_it_says_nothing_but_what_its_target_must_be_there_for() -> None:
    body = Passed(dialect=Dialect.OPENAI_CHAT, method="GET", path="/files", take=once(b""))
    shape = survey(body.conversation)
    assert (shape.chars, needs_of(body.conversation, shape)) == (0, NEEDS)
    assert (body.raw, body.stream) == (b"", False)
