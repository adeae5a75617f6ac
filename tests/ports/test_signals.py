import pytest
from hypothesis import given

from support.entries import entries, entry
from switchgear.adapters.signals.memory import MemorySignals
from switchgear.adapters.signals.prometheus import PrometheusSignals
from switchgear.domain.entry import Entry
from switchgear.ports.signals import Signals

ADAPTERS = (MemorySignals, PrometheusSignals)


@pytest.mark.parametrize("adapter", ADAPTERS)
@given(found=entries)
def test_every_entry_there_can_be_is_taken(adapter: type[Signals], found: Entry) -> None:
    adapter().observe(found)


def test_memory_shows_what_it_was_told() -> None:
    signals = MemorySignals()
    signals.observe(entry("sg_1"))
    signals.observe(entry("sg_2"))
    assert [each.id for each in signals.entries] == ["sg_1", "sg_2"]
