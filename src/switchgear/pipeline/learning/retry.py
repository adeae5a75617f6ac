"""Sees that somebody asks the same again, because the answer was of no use."""

from switchgear.domain.ask import Step
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import UnixMs

WINDOW_MS = 600_000
"""After an answer's end: who asks again later may simply want to know again."""
MOST = 10_000
"""Questions that are remembered; beyond them the oldest go."""
TELLING = 16
"""Characters from which a last turn tells by itself: "go on" is said twice for other reasons."""
MOST_AGAIN = 2
"""From then on it is a machine that asks in rounds, and nobody who is not content."""
MS = 1000
HEARD = frozenset({End.ANSWERED, End.LEFT})
"""Ends after which somebody has read something."""

_Last = tuple[str, UnixMs, int]
"""The decision, when its answer ended, and how often the same was asked again by then."""


class Retries:
    """Remembers hashes of questions for a while; it belongs to one process."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with nothing asked."""
        self._most = most
        self._last: dict[int, _Last] = {}

    def seen(self, entry: Entry) -> str:
        """Return the decision whose answer a call asks for again; empty where it does not.

        Each call is told once, when it has ended.
        """
        asked = question_of(entry)
        if asked == 0:
            return ""
        before = self._last.pop(asked, None)
        again = 0
        if before is not None and before[1] <= entry.at < before[1] + WINDOW_MS:
            again = before[2] + 1
        ended = UnixMs(entry.at + round(entry.took * MS))
        self._last[asked] = (entry.id, ended, again)
        if len(self._last) > self._most:
            del self._last[next(iter(self._last))]
        return before[0] if before is not None and 0 < again <= MOST_AGAIN else ""


def question_of(entry: Entry) -> int:
    """Return a hash of who asked what; 0 for what nobody asks twice for want of an answer.

    The same to another model is the same question. Without hashes of its words, or when it is too
    short to tell, a question is the whole body; and so it is where no task is known, for many
    people may ask the same with one key.
    """
    ask = entry.ask
    if ask is None or not entry.target or entry.replayed or entry.end not in HEARD:
        return 0
    if ask.step is not Step.USER_TURN or entry.endpoint is not Endpoint.ANSWER:
        return 0
    whose = (entry.key, entry.tenant, entry.agent, entry.task)
    if ask.grams and entry.task and ask.shape.last_chars >= TELLING:
        return hash((whose, ask.system_digest, ask.grams, ask.shape.last_chars))
    return hash((whose, entry.digest)) if entry.digest else 0
