"""The header that tells a caller what was done because its task goes in circles."""

from switchgear.domain.fact import Climbed
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.asgi import Headers

HEADER = b"x-switchgear-task-rung"


def rung_of(trail: Trail) -> Headers:
    """Return the rung of the ladder that was climbed with the call; nothing where none was."""
    for fact in reversed(trail.facts):
        if type(fact) is Climbed:
            return [(HEADER, fact.rung.name.encode())]
    return []
