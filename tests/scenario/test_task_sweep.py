"""Cancel a call of a task, once, twice or for ever, at every point there is."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from support.interruption import Strike, strike
from support.overseen import Overseen, a_step, looks, read
from support.papers import SlowPapers
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Says
from switchgear.domain.entry import End
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.looping import Final, Looping
from switchgear.domain.task import Status
from switchgear.ports.handler import Trail

BLOWS: dict[str, Callable[[int], Strike]] = {
    "cancel": lambda at: lambda point: point == at,
    "double cancel": lambda at: lambda point: at <= point <= at + 1,
    "cancel with no end": lambda at: lambda point: point >= at,
}
LAST = {"nudged": 4, "escalated": 6, "restricted": 8, "paused": 10}
"""How often the same was looked for by then."""


async def play(times: int, looping: Looping, when: Strike) -> tuple[int, End]:
    """Go so far up the ladder that the next call, which is struck, comes to the rung."""
    papers = SlowPapers()
    scene = Overseen({"small": Says("hi there"), "mid": Says("hi")}, looping, papers=papers)
    for count in range(times):
        await scene.ask(*looks(count))

    async def caller() -> None:
        with suppress(SwitchgearError):
            await read(await scene.handler(a_step("last", *looks(times)), Trail()))

    points = await strike(caller(), when)
    await scene.aclose()
    row = scene.stage.entry("last")
    assert scene.stage.upstream.open_answers == 0
    assert scene.stage.slots.taken == 0
    assert scene.live.course.closing is None
    assert not scene.live.lock.locked()
    if row.rung == "pause":
        assert scene.live.task.status is Status.PAUSED, "it was climbed, and then forgotten"
        assert (await scene.ask(*looks(times)))[0] in {"task_paused", ""}
    return points, row.end


@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("final", Final)
@pytest.mark.parametrize("rung", LAST)
def test_a_call_of_a_task_cancelled_at_any_point_leaves_nothing_behind(
    rung: str, final: Final, blow: str
) -> None:
    looping = Looping(final=final)
    points, whole = run(play(LAST[rung], looping, lambda _: False))
    assert points >= (1 if rung == "paused" else 3)
    for point in range(1, points + 1):
        _, end = run(play(LAST[rung], looping, BLOWS[blow](point)))
        assert end in {End.LEFT, whole}, point
