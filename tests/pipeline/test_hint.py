"""Hints between the breakers of several nodes."""

import asyncio

import msgspec
import pytest

from support.cast import TARGETS
from support.stage import LoopClock
from support.virtual_time import run
from switchgear.adapters.beacons.memory import Ether, MemoryBeacon
from switchgear.adapters.chance import SeededChance
from switchgear.domain.errors import UpstreamBusy, UpstreamDenied, UpstreamFailed
from switchgear.domain.situation import Availability, Fault
from switchgear.domain.units import Seconds
from switchgear.engine.fault import lesson_of
from switchgear.engine.temper import Temper
from switchgear.pipeline.health import Health
from switchgear.pipeline.hint import TOPIC, Hints

WELL = Availability.ADMITTING


class Node:
    """The breakers of one process."""

    def __init__(self, ether: Ether) -> None:
        self.health = Health(Temper(failures=2), LoopClock(), SeededChance())
        self.health.expect(TARGETS, Temper(failures=2))
        self.hints = Hints(self.health, MemoryBeacon(ether), LoopClock())

    def state(self, name: str) -> Availability:
        return {target: state for target, state, _, _ in self.health.levels()}[name]

    def fail(self, name: str, error: UpstreamFailed | UpstreamBusy | UpstreamDenied) -> None:
        permit = self.health.admit(name)
        assert permit is not None
        self.health.give_back(name, permit, lesson_of(error), error)


async def two() -> tuple[Node, Node]:
    ether = Ether()
    nodes = Node(ether), Node(ether)
    for node in nodes:
        await node.hints.start()
    return nodes


def busy(span: float) -> UpstreamBusy:
    error = UpstreamBusy()
    error.retry_after = Seconds(span)
    return error


def test_a_target_without_room_is_left_alone_on_all_nodes_and_nowhere_longer_than_it_said() -> None:
    async def life() -> None:
        one, other = await two()
        one.fail("small", busy(7.0))
        await asyncio.sleep(0.1)
        assert one.state("small") is other.state("small") is Availability.REFUSING
        assert 6.5 < other.health.wait_for("small") < 7.01
        await asyncio.sleep(7)
        assert other.state("small") is Availability.PROBING

    run(life())


def test_a_target_that_trips_on_one_node_is_only_probed_on_the_others() -> None:
    async def life() -> None:
        one, other = await two()
        one.fail("small", UpstreamFailed())
        await asyncio.sleep(0.1)
        assert other.state("small") is WELL
        one.fail("small", UpstreamFailed())
        await asyncio.sleep(0.1)
        assert one.state("small") is Availability.REFUSING
        assert other.state("small") is Availability.PROBING
        permit = other.health.admit("small")
        assert permit is not None
        assert other.health.admit("small") is None
        other.health.give_back("small", permit, lesson_of(None))

    run(life())


def test_a_credential_that_is_refused_here_says_nothing_of_the_others() -> None:
    async def life() -> None:
        one, other = await two()
        one.fail("small", UpstreamDenied())
        await asyncio.sleep(0.1)
        assert other.state("small") is WELL

    run(life())


def test_hints_alone_leave_at_most_half_of_the_targets_alone() -> None:
    async def life() -> None:
        _, other = await two()
        for target in TARGETS:
            other.health.heed(target.id, Fault.BUSY, Seconds(9.0))
        peers = ("small", "mid", "large")
        assert [other.state(name) is WELL for name in peers].count(False) == 1

    run(life())


@pytest.mark.parametrize(
    "changes",
    [{"target": "nobody"}, {"fault": "denied"}, {"fault": "x"}, {"span": -1}, {"at": -9_999_999}],
)
def test_hints_that_are_old_or_nonsense_change_nothing(changes: dict[str, object]) -> None:
    async def life() -> None:
        ether = Ether()
        node = Node(ether)
        await node.hints.start()
        said = {"target": "small", "fault": "busy", "span": 5.0, "at": 0, **changes}
        await MemoryBeacon(ether).tell(TOPIC, msgspec.json.encode(said))
        await MemoryBeacon(ether).tell(TOPIC, b"{")
        assert all(node.state(target.id) is WELL for target in TARGETS)

    run(life())


def test_a_clock_that_is_behind_makes_no_rest_longer() -> None:
    async def life() -> None:
        ether = Ether()
        node = Node(ether)
        await node.hints.start()
        said = {"target": "small", "fault": "busy", "span": 5.0, "at": 1 << 40}
        await MemoryBeacon(ether).tell(TOPIC, msgspec.json.encode(said))
        assert node.health.wait_for("small") < 5.01

    run(life())
