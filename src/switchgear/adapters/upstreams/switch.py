"""Sends each order to the upstream that serves its kind of target."""

from collections.abc import Mapping

from typing_extensions import override

from switchgear.domain.target import Kind
from switchgear.ports.upstream import Answer, Order, Upstream


class SwitchUpstream(Upstream):
    """One upstream out of several: by the target's kind."""

    def __init__(self, kinds: Mapping[Kind, Upstream], rest: Upstream) -> None:
        """Send the kinds that are named where they belong, and all others to ``rest``."""
        self._kinds = dict(kinds)
        self._rest = rest

    @override
    def begin(self, order: Order) -> Answer:
        return self._kinds.get(order.target.kind, self._rest).begin(order)
