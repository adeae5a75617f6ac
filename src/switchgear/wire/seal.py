"""Signatures of thinking, carried through a dialect that is not their provider's.

Only the provider that signed a model's thinking can check the signature. A caller of another
dialect gets it sealed: with the name of its own dialect before it. When it comes back, it goes to
that provider as it was, and to no other.
"""

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Role, Thinking, ToolResult, Turn

MARK = "switchgear:"
"""Begins a sealed signature; base64, which all providers' own are, has no colon."""

_NAMES = {each.value: each for each in Dialect}


def seal(signature: str, origin: Dialect | None, spoken: Dialect) -> str:
    """Return a signature as it is written in a dialect; its own provider's as it is."""
    if not signature or origin is None or origin is spoken:
        return signature
    return f"{MARK}{origin.value}:{signature}"


def checks(origin: Dialect | None, spoken: Dialect) -> bool:
    """Whether providers of a dialect can check what has this origin: else it is not for them."""
    return origin is None or origin is spoken


def begins_unsigned(turns: tuple[Turn, ...], spoken: Dialect) -> bool:
    """Whether this is a tool loop whose first turn does not begin with thinking signed there.

    Claude refuses to think by a budget then.
    """
    said = [turn for turn in turns if turn.role is not Role.SYSTEM]
    if not said or not any(isinstance(part, ToolResult) for part in said[-1].parts):
        return False
    asked = [turn for turn in said if turn.role is Role.ASSISTANT]
    kept = [part for part in asked[-1].parts if not _foreign(part, spoken)] if asked else []
    first = kept[0] if kept else None
    return not (isinstance(first, Thinking) and (first.signature or first.redacted))


def _foreign(part: object, spoken: Dialect) -> bool:
    return isinstance(part, Thinking) and not checks(part.origin, spoken)


def unseal(text: str, spoken: Dialect) -> tuple[str, Dialect | None]:
    """Return a signature that came in a dialect, and whose it is; None for no signature."""
    if not text:
        return "", None
    if text.startswith(MARK):
        name, colon, signature = text[len(MARK) :].partition(":")
        if colon and name in _NAMES:
            return signature, _NAMES[name]
    return text, spoken
