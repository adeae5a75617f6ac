"""What the config says of waiting."""

import msgspec

from switchgear.config.lane import queueing_of
from switchgear.config.operation import LanesEntry
from switchgear.config.setup import Queueing
from switchgear.domain.units import Seconds


def test_what_the_file_leaves_out_is_as_the_lanes_have_it() -> None:
    assert queueing_of(LanesEntry()) == Queueing()


def test_every_setting_reaches_the_lanes() -> None:
    entry = LanesEntry(
        waiting=1,
        in_lane=2,
        at_gateway=3,
        longest_wait_s=4.0,
        heavy_from_tokens=5,
        kept=0.125,
        ageing_s=6.0,
    )
    found = queueing_of(entry)
    assert msgspec.structs.astuple(found) == (1, 2, 3, Seconds(4.0), 5, 0.125, Seconds(6.0))
