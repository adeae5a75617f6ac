"""Ids that sort by the time they were made and cannot be guessed."""

from switchgear.domain.units import UnixMs

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, lower case: no letter that reads like a digit."""

DECISION_PREFIX = "sg_"
TIME_LETTERS, CHANCE_LETTERS = 10, 16
CHANCE_BITS = 5 * CHANCE_LETTERS


def mint(now: UnixMs, chance: int) -> str:
    """Return a decision id: ``sg_``, ten letters of time, sixteen of chance.

    Units: ``chance`` is CHANCE_BITS random bits.
    """
    return DECISION_PREFIX + _letters(now, TIME_LETTERS) + _letters(chance, CHANCE_LETTERS)


def minted(decision: str) -> UnixMs:
    """Return when a decision id was made; 0 for what is none."""
    letters = decision.removeprefix(DECISION_PREFIX)[:TIME_LETTERS]
    if len(letters) < TIME_LETTERS or not set(letters) <= set(ALPHABET):
        return UnixMs(0)
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return UnixMs(number)


def _letters(number: int, count: int) -> str:
    return "".join([ALPHABET[number >> shift & 31] for shift in range(5 * (count - 1), -1, -5)])
