"""The encrypted content of a reasoning item, as a signature of ours and back.

The API holds it against the item's id where one is given, so the id is kept with it.
"""

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import ThinkingSigned
from switchgear.domain.turn import Thinking
from switchgear.wire.seal import MARK, seal, unseal

SPOKEN = Dialect.OPENAI_RESPONSES
ITEM = "rs_"
"""Begins the id of a reasoning item."""
HIDDEN = "redacted:"
"""Marks thinking that a provider hid, beside that which it signed."""
OUR_ITEM = "rs_sg_"
"""Begins the ids of items that no provider knows."""


def signed(encrypted: str, item: str) -> ThinkingSigned:
    """Return what an item's encrypted content says."""
    text, origin = unseal(encrypted, SPOKEN)
    if text.startswith(HIDDEN):
        return ThinkingSigned("", redacted=text.removeprefix(HIDDEN), origin=origin)
    own = origin is SPOKEN and item.startswith(ITEM) and not item.startswith(OUR_ITEM)
    return ThinkingSigned(f"{item}:{text}" if own else text, origin=origin)


def thinking(text: str, encrypted: str, item: str) -> Thinking:
    """Return a whole reasoning item."""
    if not encrypted:
        return Thinking(text)
    proof = signed(encrypted, item)
    return Thinking(text, proof.signature, proof.redacted, proof.origin)


def item_of(signature: str) -> tuple[str, str]:
    """Return the item's id that a signature holds, empty where it holds none; and the rest."""
    item, colon, encrypted = signature.partition(":")
    return (item, encrypted) if colon and item.startswith(ITEM) else ("", signature)


def sealed(proof: ThinkingSigned | Thinking) -> str:
    """Return the encrypted content that tells a caller of this; empty for no signature."""
    if proof.redacted:
        return seal(HIDDEN + proof.redacted, proof.origin, SPOKEN)
    if proof.origin in (None, SPOKEN):
        return item_of(proof.signature)[1]
    return seal(proof.signature, proof.origin, SPOKEN)


def foreign(item: object) -> bool:
    """Tell a reasoning item that providers of this dialect did not write, and would refuse."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    encrypted, name = item.get("encrypted_content"), item.get("id")
    if isinstance(encrypted, str) and encrypted.startswith((MARK, HIDDEN)):
        return True
    return isinstance(name, str) and name.startswith(OUR_ITEM)
