"""Who is calling."""

from hashlib import sha256

from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.denial import ExpiredKey, RevokedKey
from switchgear.domain.errors import (
    ConflictingCredentials,
    LedgerDown,
    NotAllowed,
    SwitchgearError,
    UnknownKey,
)
from switchgear.engine.chain import Flaw
from switchgear.engine.credential import complaint
from switchgear.pipeline.ring import Ring
from switchgear.ports.clock import Clock

BEARER = "bearer "
SCHEMES = ("basic", "digest", "negotiate", "ntlm", "aws4-hmac-sha256", "token", "apikey")
"""What else is sent in that header; a longer list would not help more people."""
HOW = "send Authorization: Bearer <key>, or x-api-key: <key>"
LATER = " It is not among the keys that are known, and new ones cannot be looked up now."


class Doorman:
    """Knows every key by its digest."""

    __slots__ = ("_clock", "_ring")

    def __init__(self, ring: Ring, clock: Clock) -> None:
        """Look at the keys of ``ring``; without any, every caller is anonymous."""
        self._ring = ring
        self._clock = clock

    def admit(self, authorization: str | None, x_api_key: str | None) -> Key:
        """Return the rights of the credential that came.

        Raises:
            ConflictingCredentials: two different credentials came.
            UnknownKey: none came, or none that is good; the message says what can be said.
            NotAllowed: it is good for nothing, since its maker may do nothing that it may.
            LedgerDown: it is not known, and nobody can tell now whether it would be.
        """
        table = self._ring.table
        if table.open:
            return ANONYMOUS
        secret = _secret(authorization, x_api_key)
        # Looking up a digest tells nothing about the secret by the time it takes.
        digest = sha256(secret.encode(errors="replace")).hexdigest()
        key = table.good.get(digest)
        if key is None:
            raise self._refusal(secret, table.bad.get(digest))
        if key.until is not None and self._clock.date() >= key.until:
            raise ExpiredKey
        return key

    def _refusal(self, secret: str, flaw: Flaw | None) -> SwitchgearError:
        if flaw is Flaw.EMPTY:
            return NotAllowed(f"This key is good for nothing now: {flaw.value}.")
        if flaw is not None:
            return RevokedKey(f"This key is not good any more: {flaw.value}.")
        said = complaint(secret)
        if said:
            return UnknownKey(said)
        if self._ring.dark:
            return LedgerDown(self._ring.dark + LATER)
        return UnknownKey()


def _secret(authorization: str | None, x_api_key: str | None) -> str:
    """Return the one credential that came.

    Raises:
        ConflictingCredentials: two different ones came.
        UnknownKey: none came.
    """
    bearer = ""
    if authorization is not None and authorization[: len(BEARER)].lower() == BEARER:
        bearer = authorization[len(BEARER) :].strip()
    plain = x_api_key.strip() if x_api_key else ""
    if bearer and plain and bearer != plain:
        raise ConflictingCredentials
    if not (bearer or plain):
        raise UnknownKey(_missing(authorization))
    return bearer or plain


def _missing(authorization: str | None) -> str:
    """Return what is wrong, where no credential can be read; nothing that came is repeated."""
    if not (authorization and authorization.strip()):
        return ""
    scheme, _, rest = authorization.strip().partition(" ")
    scheme = scheme.lower()
    if scheme == BEARER.strip():
        return f"After Bearer, no key came: {HOW}."
    if scheme in SCHEMES:
        return f"Authorization came with the scheme {scheme}, which is not known here: {HOW}."
    if not rest:
        return f"Authorization came without the word Bearer before the key: {HOW}."
    return f"Authorization came with a scheme that is not known here: {HOW}."
