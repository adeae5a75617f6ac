"""How much of what looks like a loop is borne, and what is done about the rest."""

import msgspec

from switchgear.domain.looping import Looping, Stance
from switchgear.domain.units import Seconds
from switchgear.engine.loop.signal import CODES, OBSERVED


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of every signal; a turn is one of the assistant's."""

    acting: frozenset[str] = frozenset(CODES) - OBSERVED
    """Codes that something is done about."""
    watched: frozenset[str] = frozenset(CODES)
    """Codes that are looked for at all."""
    poll_tools: frozenset[str] = frozenset()
    """Tools that are meant to be called again and again, beside those whose names say so."""
    repeats: int = 4
    """The same tool, arguments and result, within ``span`` turns."""
    poll_repeats: int = 8
    """The same of a tool that waits or polls."""
    span: int = 16
    shortest: int = 2
    """Turns in the period of a cycle, at least."""
    longest: int = 6
    periods: int = 3
    """Of a cycle, and of agents that hand back and forth."""
    errors: int = 5
    """The same error of one tool among its last ``error_span`` calls."""
    error_span: int = 8
    error_streak: int = 8
    """Errors in a row, whatever they are."""
    edges: int = 5
    """Times that one agent hands to one other."""
    depth: int = 8
    """Hand-offs in a row; more is a signal."""
    stale: int = 8
    """Results in a row that are empty or known, and nothing written."""
    echoes: int = 3
    """Times that the assistant says the same, or nearly, without a new result between."""
    likeness: float = 0.9
    """Jaccard index of the five-word sequences of two texts that are nearly the same."""
    growth: float = 4.0
    """How many times longer the input may get without a new result."""
    cuts: int = 3
    """Times that the client cut its list short and then read again what it had read."""
    children: int = 32
    """Tasks that one task may have open at once."""
    generations: int = 6
    """Of tasks below one another."""
    births: int = 20
    """Tasks that one task may open within ``birth_span``."""
    birth_span: Seconds = Seconds(60.0)


def tolerance_of(looping: Looping) -> Tolerance:
    """Return the tolerance that an owner's settings ask for."""
    stances = {code: Stance.OBSERVE if code in OBSERVED else Stance.ACT for code in CODES}
    stances |= dict(looping.signals)
    off = looping.stance is Stance.OFF
    acts = looping.stance is Stance.ACT
    return Tolerance(
        acting=frozenset(code for code in CODES if acts and stances[code] is Stance.ACT),
        watched=frozenset(code for code in CODES if not off and stances[code] is not Stance.OFF),
        poll_tools=frozenset(looping.poll_tools),
    )
