"""Signatures of thinking, carried through a dialect that is not their provider's.

Only the provider that signed a model's thinking can check the signature. A caller of another
dialect gets it sealed: with the name of its own dialect before it. When it comes back, it goes to
that provider as it was, and to no other.
"""

from switchgear.domain.dialect import Dialect

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


def unseal(text: str, spoken: Dialect) -> tuple[str, Dialect | None]:
    """Return a signature that came in a dialect, and whose it is; None for no signature."""
    if not text:
        return "", None
    if text.startswith(MARK):
        name, colon, signature = text[len(MARK) :].partition(":")
        if colon and name in _NAMES:
            return signature, _NAMES[name]
    return text, spoken
