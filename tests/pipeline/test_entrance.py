"""What an attempt must have before it is sent."""

import asyncio

from support.cast import SMALL
from support.stage import Scenery, Stage, a_call
from switchgear.adapters.upstreams.scripted import Says
from switchgear.domain.denial import OverBudget
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.fact import Skipped
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.ports.handler import Trail


class Counting:
    """A toll that may refuse, and counts what it has given out."""

    def __init__(self, *dear: str) -> None:
        self.dear = dear
        self.out = self.seen = 0

    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        await asyncio.sleep(0)
        self.seen += 1
        if bid.target.id in self.dear:
            return OverBudget()
        self.out += 1
        taken.at_close(self._back)
        return None

    def _back(self) -> None:
        self.out -= 1


def serve(stage: Stage) -> tuple[Trail, str]:
    trail = Trail()

    async def life() -> str:
        try:
            reply = await stage.handler(a_call(), trail)
        except SwitchgearError as error:
            return error.code
        async for _ in reply:
            pass
        reply.close()
        await stage.nursery.aclose()
        return reply.head.target

    return trail, asyncio.run(life())


def test_what_was_taken_is_given_back_once_after_the_answer() -> None:
    toll = Counting()
    _, target = serve(Stage({"small": Says("hi")}, around=Scenery(tolls=[toll])))
    assert (target, toll.seen, toll.out) == ("small", 1, 0)


def test_a_target_that_a_toll_refuses_is_passed_over_with_its_reason() -> None:
    first, second = Counting(), Counting("small")
    scripts = {"small": Says("hi"), "mid": Says("hi")}
    trail, target = serve(Stage(scripts, around=Scenery(tolls=[first, second])))
    assert target == "mid"
    assert Skipped(SMALL.id, "over_budget") in trail.facts
    assert (first.out, second.out) == (0, 0)


def test_where_every_target_is_refused_the_caller_is_told_why() -> None:
    toll = Counting("small", "mid")
    scripts = {"small": Says("hi"), "mid": Says("hi")}
    assert serve(Stage(scripts, around=Scenery(tolls=[toll])))[1] == "over_budget"


def test_what_is_taken_too_late_goes_back_at_once() -> None:
    taken, back = Taken(), []
    taken.close()
    taken.at_close(lambda: back.append(1))
    assert back == [1]
