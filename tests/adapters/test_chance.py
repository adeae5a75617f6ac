import os

import pytest

from switchgear.adapters.chance import STORE, SeededChance, SystemChance
from switchgear.ports.chance import Chance


@pytest.mark.parametrize("chance", [SystemChance(), SeededChance()])
def test_every_chance_keeps_to_its_range(chance: Chance) -> None:
    assert all(0 <= chance.bits(5) < 32 for _ in range(200))
    assert all(0 <= chance.draw() < 1 for _ in range(200))


@pytest.mark.parametrize("chance", [SystemChance(), SeededChance()])
def test_every_chance_varies(chance: Chance) -> None:
    assert len({chance.bits(80) for _ in range(50)}) == 50
    assert len({chance.draw() for _ in range(50)}) > 40


def test_the_same_seed_gives_the_same_sequence() -> None:
    one, same, other = SeededChance(1), SeededChance(1), SeededChance(2)
    drawn = [one.draw() for _ in range(5)]
    assert drawn == [same.draw() for _ in range(5)]
    assert drawn != [other.draw() for _ in range(5)]


def test_bits_are_never_given_twice_not_even_to_a_child_that_was_forked_off() -> None:
    chance = SystemChance()
    chance.bits(80)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, chance.bits(80).to_bytes(10))
        os._exit(0)
    os.waitpid(child, 0)
    assert int.from_bytes(os.read(reader, 10)) != chance.bits(80)
    os.close(reader)
    os.close(writer)


def test_more_bits_than_are_fetched_at_once_are_all_there() -> None:
    assert SystemChance().bits(STORE * 16) >> STORE * 15
