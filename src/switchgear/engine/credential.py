"""How the secret of a key is written, so that a mistyped one is told from a foreign one."""

import re
from zlib import crc32

from switchgear.domain.ids import ALPHABET
from switchgear.domain.secret import Secret

PREFIX = "sgk_"
"""By it people, and scanners of code, see what it is."""
ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
"""What the id of a key is that is made here: no underscore, which ends it in the secret."""
RANDOM_LETTERS, CHECK_LETTERS = 32, 7
RANDOM_BITS = 5 * RANDOM_LETTERS
ID_LETTERS = 8
ID_BITS = 5 * ID_LETTERS
LONGEST = 4096
"""Letters of a credential, as the config takes them too."""
HINT_LETTERS = 4

_FORM = re.compile(rf"sgk_{ID.pattern}_[{ALPHABET}]{{{RANDOM_LETTERS + CHECK_LETTERS}}}")


def mint_secret(name: str, bits: int) -> Secret:
    """Return a new secret for the key of that id.

    Units: ``bits`` are RANDOM_BITS random bits.
    """
    start = f"{PREFIX}{name}_{_letters(bits, RANDOM_LETTERS)}"
    return Secret(start + _check(start))


def mint_id(bits: int) -> str:
    """Return an id for a key that was given none.

    Units: ``bits`` are ID_BITS random bits.
    """
    return f"key-{_letters(bits, ID_LETTERS)}"


def hint_of(secret: Secret) -> str:
    """Return the letters by which people tell a secret from another: its last, which are a sum."""
    return secret.reveal()[-HINT_LETTERS:]


def complaint(text: str) -> str:
    """Return what can be said of a credential that nobody knows; it is never repeated."""
    if len(text) > LONGEST:
        return f"What came is longer than any key: it has {len(text)} characters."
    if not (text.isascii() and text.isprintable()) or " " in text:
        return "What came holds a blank, a control character or a letter beyond ASCII: no key does."
    if not text.startswith(PREFIX):
        return ""
    if not _FORM.fullmatch(text) or _check(text[:-CHECK_LETTERS]) != text[-CHECK_LETTERS:]:
        return (
            f"What came begins like a key of this gateway ({PREFIX}…), but its check letters do not"
            " fit: it was mistyped, or not copied whole."
        )
    return ""


def _check(text: str) -> str:
    return _letters(crc32(text.encode()), CHECK_LETTERS)


def _letters(bits: int, count: int) -> str:
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * (count - 1), -1, -5))
