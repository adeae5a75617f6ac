"""One try at one target, where its answer is odd."""

import asyncio

import pytest

from support.cast import SMALL
from support.stage import Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Gives, Says, Script, Stalls
from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost, UpstreamSilent
from switchgear.domain.event import Finished, Opened, Stop, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.attempt import MAX_HELD, Try
from switchgear.pipeline.entrance import Taken
from switchgear.pipeline.leave import Leave
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Order

PING = Piece(b": ping\n\n")
OPENED = Piece(b"data: o\n\n", (Opened(id="x", model="m"),))
HI = Piece(b"data: hi\n\n", (TextDelta("hi"),))
END = Piece(b"data: [DONE]\n\n", (Finished(stop=Stop.END),))


def attempt(script: Script) -> tuple[Try, Stage, Trail]:
    stage, trail = Stage({"small": script}), Trail()
    permit = stage.health.admit("small")
    assert permit is not None
    leave = Leave(
        target=SMALL,
        permit=permit,
        taken=Taken(),
        key="",
        began=Seconds(0.0),
        input_tokens=Tokens(7),
    )
    order = Order(target=SMALL, body=a_call().body)
    return Try(leave, order, stage.means, trail), stage, trail


async def drained(one: Try) -> None:
    while await one.read() is not None:
        pass


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ((), UpstreamLost),
        ((PING, OPENED), UpstreamLost),
        ((PING,) * (MAX_HELD + 2), UpstreamGarbled),
    ],
    ids=["nothing", "no content", "too many pings"],
)
def test_an_answer_without_content_is_none(
    pieces: tuple[Piece, ...], error: type[UpstreamError]
) -> None:
    async def life() -> None:
        one, stage, _ = attempt(Gives(pieces))
        with pytest.raises(error):
            await one.commit()
        assert stage.upstream.open_answers == 0
        assert not stage.means.watchdog._watches

    run(life())


def test_what_came_before_the_content_is_held_back_and_then_handed_on_in_order() -> None:
    async def life() -> list[Piece | None]:
        one, _, _ = attempt(Gives((PING, OPENED, HI, END)))
        await one.commit()
        return [await one.read() for _ in range(5)]

    assert run(life()) == [PING, OPENED, HI, END, None]


def test_usage_that_the_target_does_not_tell_is_estimated_and_marked() -> None:
    async def life() -> None:
        one, _, trail = attempt(Gives((OPENED, HI, END)))
        await one.commit()
        while await one.read() is not None:
            pass
        (fact,) = trail.facts
        kept = fact.attempt  # type: ignore[union-attr]  # a Tried
        assert kept.estimated
        assert kept.usage is not None
        assert kept.usage.input == 7
        assert kept.cost > 0

    run(life())


def test_silence_after_content_is_a_cut_and_teaches() -> None:
    async def life() -> None:
        for _ in range(2):
            one, stage, _ = attempt(Stalls("hi there", 1))
            await one.commit()
            with pytest.raises(UpstreamSilent):
                await drained(one)
            assert stage.health._pulses["small"].breaker.failures == 1

    run(life())


def test_a_target_that_never_answers_is_given_up_after_its_patience() -> None:
    async def life() -> float:
        one, _, _ = attempt(Stalls(after=-1))
        with pytest.raises(UpstreamSilent):
            await one.commit()
        return asyncio.get_running_loop().time()

    assert 30 <= run(life()) <= 31


def test_closing_twice_gives_back_once() -> None:
    async def life() -> None:
        one, stage, trail = attempt(Says("hi"))
        await one.commit()
        one.close()
        one.close()
        assert stage.health._pulses["small"].in_flight == 0
        assert stage.health._pulses["small"].breaker.state is Availability.ADMITTING
        assert len(trail.facts) == 1

    run(life())


def test_a_caller_that_takes_its_time_is_not_the_targets_silence() -> None:
    async def life() -> None:
        one, stage, trail = attempt(Gives((OPENED, HI, HI, END)))
        await one.commit()
        await one.read()
        await asyncio.sleep(200)
        await drained(one)
        assert not stage.means.watchdog._watches
        (fact,) = trail.facts
        assert fact.attempt.code == ""  # type: ignore[union-attr]  # a Tried

    run(life())
