"""Refuse what a key's calls may not want, before any work is done for them."""

from collections.abc import Awaitable

from switchgear.domain.call import Call
from switchgear.engine.right import require
from switchgear.ports.handler import Handler, Reply, Trail


def scope(inner: Handler) -> Handler:
    """Keep calls to the endpoints of their keys; it stands right inside of what records them."""

    def handle(call: Call, trail: Trail) -> Awaitable[Reply]:
        require(call.caller.key, call.endpoint)
        return inner(call, trail)

    return handle
