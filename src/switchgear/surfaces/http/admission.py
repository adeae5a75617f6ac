"""Who may ask for what: the one place where a route's need meets a request's credential."""

from enum import Enum

from switchgear.domain.caller import ANONYMOUS, Key, Right
from switchgear.domain.denial import AdminShut
from switchgear.domain.errors import NotAllowed
from switchgear.surfaces.http.request import Request


class Need(Enum):
    """What a request must bring to reach its endpoint."""

    NOBODY = "nobody"
    """Everybody may ask; no credential is looked at."""
    KEY = "a key"
    """A key that is good, whatever its rights; on an open server anybody."""
    METRICS = "the right to read metrics"
    ADMIN = "the right of an admin"
    """And on an open server nobody."""


def admit(request: Request, need: Need) -> Key:
    """Return the rights that a request comes with, if they are what its route needs.

    Raises:
        UnknownKey: the credential is not good here, or there is none.
        ConflictingCredentials: there are two different ones.
        AdminShut: there are no keys, and it needs an admin's.
        NotAllowed: the key has not the right.
    """
    if need is Need.NOBODY or (need is Need.METRICS and request.gateway.server.open_metrics):
        return ANONYMOUS
    key = request.authenticate()
    if need is Need.ADMIN:
        _require_admin(key)
    elif need is Need.METRICS and key.id and not _may_measure(key):
        raise NotAllowed("This key may not read the metrics; it takes one with rights: [metrics].")
    return key


def _require_admin(key: Key) -> None:
    if not key.id:
        raise AdminShut
    if Right.ADMIN not in key.rights:
        raise NotAllowed("This key may not manage anything; it takes one with rights: [admin].")


def _may_measure(key: Key) -> bool:
    """Whether it may see figures of all tenants together."""
    return Right.METRICS in key.rights or (Right.ADMIN in key.rights and not key.tenant)
