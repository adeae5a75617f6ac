"""Signatures of thinking as the API has them: base64, on the part that follows the thinking.

What another dialect's provider signed is sealed for a caller of this one, and that in base64 too,
for its clients decode the field.
"""

import base64
import binascii
import re

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import ThinkingSigned
from switchgear.domain.turn import Thinking
from switchgear.wire.seal import MARK, checks, seal, unseal

NOT_CHECKED = "skip_thought_signature_validator"
"""Google's own stand-in for the signature of a call that no Gemini model signed."""
HIDDEN = "switchgear-hidden:"
"""Begins what another provider hid, before it is sealed."""
SEALED = base64.b64encode(b"switchgear")[:13].decode()
"""What both begin with, in base64."""

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}")


def write_signature(signed: ThinkingSigned) -> str:
    """Return a signature, or hidden thinking, as a caller of this dialect gets it."""
    if signed.redacted:
        return _armoured(HIDDEN + seal(signed.redacted, signed.origin, Dialect.GEMINI))
    sealed = seal(signed.signature, signed.origin, Dialect.GEMINI)
    if _is_base64(sealed):
        return sealed
    own = f"{MARK}{Dialect.GEMINI.value}:"
    return _armoured(sealed if sealed.startswith(MARK) else own + sealed)


def read_signature(text: str) -> ThinkingSigned:
    """Return what was signed or hidden, and by whose provider."""
    plain = _plain(text) if text.startswith(SEALED) else ""
    if plain.startswith(HIDDEN):
        redacted, origin = unseal(plain.removeprefix(HIDDEN), Dialect.GEMINI)
        return ThinkingSigned("", redacted=redacted, origin=origin)
    signature, origin = unseal(plain if plain.startswith(MARK) else text, Dialect.GEMINI)
    return ThinkingSigned(signature, origin=origin)


def sent_back(part: Thinking) -> str:
    """Return the signature that a provider of this dialect can check; empty for none."""
    good = checks(part.origin, Dialect.GEMINI) and _is_base64(part.signature)
    return part.signature if good else ""


def _is_base64(text: str) -> bool:
    return _BASE64.fullmatch(text) is not None and len(text.rstrip("=")) % 4 != 1


def _armoured(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _plain(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
