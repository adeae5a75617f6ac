import pytest

from switchgear.domain.situation import Latency, Percentile
from switchgear.domain.units import Seconds


@pytest.mark.parametrize(
    ("percentile", "seconds"),
    [(Percentile.P50, 0.1), (Percentile.P95, 0.5), (Percentile.P99, 0.9)],
)
def test_a_latency_is_read_at_a_percentile(percentile: Percentile, seconds: float) -> None:
    assert Latency(Seconds(0.1), Seconds(0.5), Seconds(0.9)).at(percentile) == seconds
