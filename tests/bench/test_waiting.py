"""Real traces at one target: neither kind of call waits for the other."""

import pytest
from bench.waiting import compare

pytestmark = pytest.mark.filterwarnings("error")


def test_few_calls_of_either_size_hardly_wait_among_a_crowd_of_the_other() -> None:
    found = compare(1500)
    for name in ("small", "heavy"):
        lanes, fifo = found[f"{name}_lanes"], found[f"{name}_fifo"]
        assert lanes.times <= 2, name
        assert lanes.lost == 0, name
        assert fifo.times > 3 * lanes.times, name
        assert lanes.crowd_served > 0.75 * fifo.crowd_served, "what is kept costs the crowd little"
