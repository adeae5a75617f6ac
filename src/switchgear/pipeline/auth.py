"""Who is calling."""

from collections.abc import Sequence
from hashlib import sha256

from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.errors import ConflictingCredentials, UnknownKey

BEARER = "bearer "


class Doorman:
    """Knows every key by its digest."""

    def __init__(self, keys: Sequence[KeyRecord]) -> None:
        """Take the keys; without any, every caller is anonymous."""
        self._keys = {record.secret_digest: record.key for record in keys}

    def admit(self, authorization: str | None, x_api_key: str | None) -> Key:
        """Return the rights of the credential that came.

        Raises:
            ConflictingCredentials: two different credentials came.
            UnknownKey: none came, or none that is known.
        """
        if not self._keys:
            return ANONYMOUS
        bearer = _bearer(authorization)
        if bearer and x_api_key and bearer != x_api_key:
            raise ConflictingCredentials
        secret = bearer or x_api_key
        # Looking up a digest tells nothing about the secret by the time it takes.
        key = (
            self._keys.get(sha256(secret.encode(errors="replace")).hexdigest()) if secret else None
        )
        if key is None:
            raise UnknownKey
        return key


def _bearer(authorization: str | None) -> str:
    if authorization is None or authorization[: len(BEARER)].lower() != BEARER:
        return ""
    return authorization[len(BEARER) :].strip()
