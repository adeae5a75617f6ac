"""Thinking that a provider hid: bytes in this API, so base64 in its JSON, sealed or not."""

import base64
import binascii

from switchgear.domain.dialect import Dialect
from switchgear.wire.seal import MARK, seal, unseal

SEALED = base64.b64encode(MARK.encode()[:9])
"""How the base64 of what is sealed begins."""
SPOKEN = Dialect.BEDROCK_CONVERSE


def write_hidden(redacted: str, origin: Dialect | None) -> str:
    """Return ``redactedContent``: this API's own as it was, another's sealed."""
    sealed = seal(redacted, origin, SPOKEN)
    return redacted if sealed == redacted else base64.b64encode(sealed.encode()).decode()


def read_hidden(content: str) -> tuple[str, Dialect | None]:
    """Return what was hidden, and by whose provider."""
    if content.encode().startswith(SEALED):
        try:
            plain = base64.b64decode(content, validate=True).decode()
        except (binascii.Error, ValueError):
            return content, SPOKEN
        text, origin = unseal(plain, SPOKEN)
        return (text, origin) if origin is not SPOKEN else (content, SPOKEN)
    return content, SPOKEN if content else None
