"""The headers that tell which task a call belongs to, and how that is known."""

from switchgear.domain.fact import Identified
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import safe

SOURCE = b"x-switchgear-task-source"


def task_of(trail: Trail) -> str:
    """Return the id of a call's task; empty where it is not known."""
    return next((it.identity.task for it in trail.facts if type(it) is Identified), "")


def source_of(trail: Trail) -> Headers:
    """Return what told which task it is, and how sure that is; nothing where none is known."""
    for fact in trail.facts:
        if type(fact) is Identified and fact.identity.task:
            told = f"{fact.identity.source}; confidence={fact.identity.confidence:.2f}"
            return [(SOURCE, safe(told))]
    return []
