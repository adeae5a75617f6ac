"""What the config says of waiting, as the lanes take it."""

from switchgear.config.operation import LanesEntry
from switchgear.config.setup import Queueing
from switchgear.domain.units import Seconds


def queueing_of(entry: LanesEntry) -> Queueing:
    """Return how calls wait."""
    return Queueing(
        waiting=entry.waiting,
        in_lane=entry.in_lane,
        at_gateway=entry.at_gateway,
        longest_wait=Seconds(entry.longest_wait_s),
        heavy_from=entry.heavy_from_tokens,
        kept=entry.kept,
        ageing=Seconds(entry.ageing_s),
    )
