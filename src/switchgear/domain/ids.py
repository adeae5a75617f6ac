"""Ids that sort by the time they were made and cannot be guessed."""

from functools import lru_cache

from switchgear.domain.units import UnixMs

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, lower case: no letter that reads like a digit."""

DECISION_PREFIX, TICKET_PREFIX, HANDOFF_PREFIX = "sg_", "ti_", "ho_"
TIME_LETTERS, CHANCE_LETTERS = 10, 16
CHANCE_BITS = 5 * CHANCE_LETTERS


def mint(now: UnixMs, chance: int) -> str:
    """Return a decision id: ``sg_``, ten letters of time, sixteen of chance.

    Units: ``chance`` is CHANCE_BITS random bits.
    """
    return DECISION_PREFIX + _time_letters(now) + _chance_letters(chance)


def mint_ticket(now: UnixMs, chance: int) -> str:
    """Return a ticket's id, made as a decision's is."""
    return TICKET_PREFIX + _time_letters(now) + _chance_letters(chance)


def mint_handoff(now: UnixMs, chance: int) -> str:
    """Return a hand-off's id, made as a decision's is."""
    return HANDOFF_PREFIX + _time_letters(now) + _chance_letters(chance)


def answer_id(decision: str) -> str:
    """Return the id that the answer to a call goes by, where its target gave it none."""
    return "resp_" + decision


def minted(decision: str) -> UnixMs:
    """Return when a decision id was made; 0 for what is none."""
    letters = decision.removeprefix(DECISION_PREFIX)[:TIME_LETTERS]
    if len(letters) < TIME_LETTERS or not set(letters) <= set(ALPHABET):
        return UnixMs(0)
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return UnixMs(number)


PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
TIME_SHIFTS = range(5 * (TIME_LETTERS - 2), -1, -10)
CHANCE_SHIFTS = range(5 * (CHANCE_LETTERS - 2), -1, -10)


@lru_cache(maxsize=2)
def _time_letters(now: UnixMs) -> str:
    return "".join([PAIRS[now >> shift & 1023] for shift in TIME_SHIFTS])


def _chance_letters(chance: int) -> str:
    return "".join([PAIRS[chance >> shift & 1023] for shift in CHANCE_SHIFTS])
