"""Halts on their way between a node, its machine's board and other nodes."""

import asyncio
from collections.abc import Iterable

import msgspec
import pytest
from typing_extensions import override

from support.stage import LoopClock
from support.virtual_time import run
from switchgear.adapters.beacons.memory import Ether, MemoryBeacon
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.halts.memory import MemoryBoard
from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.errors import MalformedRequest
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.engine.halt import MOST, merged, name_of
from switchgear.pipeline.halt import Halts
from switchgear.pipeline.killswitch import LOOK_EVERY, TOPIC, KillSwitch
from switchgear.ports.beacon import Beacon
from switchgear.ports.board import Board

ACME = Halt(kind=Halted.TENANT, name="acme", by="k1", note="too dear")
AGENT = Halt(kind=Halted.AGENT, name="scraper")


class FaultyBoard(MemoryBoard):
    """Can be broken."""

    broken = False

    @override
    def look(self) -> tuple[Halt, ...] | None:
        if self.broken:
            raise HaltsUnknown("the file is broken.")
        return super().look()

    @override
    async def post(self, halts: Iterable[Halt]) -> None:
        if self.broken:
            raise HaltsUnknown("the file is broken.")
        await super().post(halts)


class DeafBeacon(MemoryBeacon):
    """Can be out of reach."""

    down = False

    @override
    async def tell(self, topic: str, word: bytes) -> bool:
        return False if self.down else await super().tell(topic, word)


class Node:
    """One process."""

    def __init__(self, board: Board | None = None, beacon: Beacon | None = None) -> None:
        self.halts = Halts(LoopClock(), SeededChance())
        self.board = board or MemoryBoard()
        self.switch = KillSwitch(self.halts, self.board, beacon or MemoryBeacon(), LoopClock())

    def stopped(self) -> set[str]:
        return {each.name for each in self.halts.on}


async def a_look() -> None:
    await asyncio.sleep(LOOK_EVERY * 1.5)


def test_what_was_posted_before_holds_before_anybody_is_served() -> None:
    async def life() -> None:
        board = MemoryBoard()
        await board.post([ACME])
        node = Node(board)
        await node.switch.start()
        assert node.stopped() == {"acme"}
        await node.switch.aclose()

    run(life())


def test_a_node_that_cannot_know_what_is_stopped_does_not_start() -> None:
    async def life() -> None:
        board = FaultyBoard()
        board.broken = True
        with pytest.raises(HaltsUnknown):
            await Node(board).switch.start()

    run(life())


def test_what_is_posted_holds_by_the_next_look_in_every_process_of_the_machine() -> None:
    async def life() -> None:
        board = FaultyBoard()
        nodes = [Node(_seen_apart(board)), Node(_seen_apart(board))]
        for node in nodes:
            await node.switch.start()
        await board.post([ACME])
        await a_look()
        assert [node.stopped() for node in nodes] == [{"acme"}] * 2
        await board.post([msgspec.structs.replace(ACME, on=False, at=UnixMs(1))])
        await a_look()
        assert [node.stopped() for node in nodes] == [set(), set()]
        for node in nodes:
            await node.switch.aclose()

    run(life())


def _seen_apart(board: MemoryBoard) -> Board:
    """Return the same board for a process that has its own last look."""

    class View(MemoryBoard):
        @override
        def look(self) -> tuple[Halt, ...] | None:
            self._posted = board._posted
            return super().look()

        @override
        async def post(self, halts: Iterable[Halt]) -> None:
            await board.post(halts)

    return View()


def test_a_board_that_breaks_is_an_alarm_and_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def life() -> None:
        board = FaultyBoard()
        await board.post([ACME])
        node = Node(board)
        await node.switch.start()
        board.broken = True
        for _ in range(3):
            await a_look()
        assert node.stopped() == {"acme"}
        assert node.switch.blind
        said = await node.switch.say(AGENT)
        assert not said.posted
        assert node.stopped() == {"acme", "scraper"}
        board.broken = False
        await board.post([Halt(kind=Halted.KEY, name="k9")])
        await a_look()
        assert node.stopped() == {"acme", "scraper", "k9"}
        assert not node.switch.blind
        await a_look()
        fresh = Node(_seen_apart(board))
        await fresh.switch.start()
        assert fresh.stopped() == node.stopped(), "what could not be posted is posted later"
        await node.switch.aclose()
        await fresh.switch.aclose()

    run(life())
    alarms = [each for each in caplog.messages if "broken" in each and "stays so" in each]
    assert len(alarms) == 1


def test_what_is_taken_off_the_board_by_hand_is_put_back_until_it_is_resumed() -> None:
    async def life() -> None:
        node = Node()
        await node.switch.start()
        await node.switch.say(ACME)
        await a_look()
        assert isinstance(node.board, MemoryBoard)
        node.board._posted = {}
        await a_look()
        assert node.stopped() == {"acme"}
        await asyncio.sleep(1)
        assert list(node.board._posted) == [name_of(ACME)]
        await node.switch.aclose()

    run(life())


def test_set_on_one_node_all_obey_also_one_that_comes_later_and_keep_it_on_their_own_boards() -> (
    None
):
    async def life() -> None:
        ether = Ether()
        one, two = Node(beacon=MemoryBeacon(ether)), Node(beacon=MemoryBeacon(ether))
        await one.switch.start()
        await two.switch.start()
        said = await one.switch.say(ACME)
        assert said.posted
        assert said.told
        late = Node(beacon=MemoryBeacon(ether))
        await late.switch.start()
        for node in (one, two, late):
            assert node.stopped() == {"acme"}
            again = Node(node.board)
            node.board._seen = None  # type: ignore[attr-defined]  # as if by a new process
            await again.switch.start()
            assert again.stopped() == {"acme"}
            await again.switch.aclose()
        await two.switch.say(msgspec.structs.replace(ACME, on=False))
        assert [node.stopped() for node in (one, two, late)] == [set()] * 3
        for node in (one, two, late):
            await node.switch.aclose()

    run(life())


def test_of_two_who_speak_at_once_both_are_known_to_who_comes_later() -> None:
    async def life() -> None:
        ether = Ether()
        one, two = Node(beacon=MemoryBeacon(ether)), Node(beacon=MemoryBeacon(ether))
        one.halts.learn([ACME])
        two.halts.learn([AGENT])
        await one.switch.start()
        await two.switch.start()
        await one.switch._tell()
        late = Node(beacon=MemoryBeacon(ether))
        await late.switch.start()
        for node in (one, two, late):
            assert node.stopped() == {"acme", "scraper"}
            await node.switch.aclose()

    run(life())


def test_nodes_out_of_reach_are_told_again_until_they_hear() -> None:
    async def life() -> None:
        ether = Ether()
        beacon = DeafBeacon(ether)
        beacon.down = True
        one, two = Node(beacon=beacon), Node(beacon=MemoryBeacon(ether))
        await one.switch.start()
        await two.switch.start()
        assert not (await one.switch.say(ACME)).told
        assert one.stopped() == {"acme"}
        await asyncio.sleep(3)
        assert two.stopped() == set()
        beacon.down = False
        await asyncio.sleep(1.5)
        assert two.stopped() == {"acme"}
        await one.switch.aclose()
        await two.switch.aclose()

    run(life())


def test_nonsense_from_another_node_changes_nothing() -> None:
    async def life() -> None:
        ether = Ether()
        node, other = Node(beacon=MemoryBeacon(ether)), MemoryBeacon(ether)
        await node.switch.start()
        for word in (b"", b"\xff", b"[[[", b'[{"kind":"galaxy"}]', b"{}"):
            await other.tell(TOPIC, word)
        assert node.stopped() == set()
        await node.switch.aclose()

    run(life())


def test_the_log_says_who_stopped_what_and_why_and_once(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        node = Node()
        await node.switch.start()
        await node.switch.say(ACME)
        await node.switch.say(ACME)
        await a_look()
        await node.switch.say(msgspec.structs.replace(ACME, on=False, by="", note="a\nb"))
        assert (node.switch.halted, node.switch.resumed) == (1, 1)
        await node.switch.aclose()

    run(life())
    assert caplog.messages == [
        "kill switch: tenant 'acme' is stopped by key 'k1' (set here): 'too dear'",
        "kill switch: tenant 'acme' may go on, said by the owner (set here): 'a\\nb'",
    ]


def test_there_is_an_end_to_what_can_be_stopped_one_by_one_and_none_to_letting_go() -> None:
    async def life() -> None:
        node = Node()
        many = [Halt(kind=Halted.AGENT, name=f"a{number}") for number in range(MOST)]
        node.halts.learn(many)
        with pytest.raises(MalformedRequest):
            await node.switch.say(ACME)
        await node.switch.say(msgspec.structs.replace(many[0], on=False))
        await node.switch.say(ACME)
        assert len(merged({}, node.halts.on)) == MOST
        await node.switch.aclose()

    run(life())
