"""Finds where words that go on from others begin to be new, so that nothing is said twice."""

import re

MIN_OVERLAP = 12
"""Characters that new words must repeat to be taken for a repetition. So much
seldom recurs at once by chance; a word does ("very, very good"), and what is dropped wrongly is
lost, while what is passed wrongly is merely said twice."""
MIN_ECHO = 3
"""Characters, when they are all that was delivered: whoever begins again begins with them."""
REACH = 2000
"""Characters before the cut where a repetition may begin; further back only at the very start."""
MAX_LEAD = 64
"""Characters of blanks and dots that may stand before a repetition."""
STRAYED = 40
"""Characters of a beginning said again: fewer may be chance."""

LEAD = re.compile(r"\s*(?:…|\.{3})?\s*")
LEAD_BEGUN = re.compile(r"\s*(?:…|\.{1,3})?\s*")


class Splice:
    """What may go to the caller of the words that a target adds to those ``delivered``.

    The target was told the delivered words without the white space at their end. It goes on from
    there, or repeats the last of them, or begins again with all of them, maybe after an ellipsis.
    What it repeats is dropped, and of the white space what the caller has already; a word that
    was cut in two goes on as the target says.

    Where a text repeats itself it cannot be known which of its equal parts the target means. So
    an overlap is taken for one only if it does not itself consist of repeats, and of several the
    longest is. Dropped by mistake is, in short, only a text of at least MIN_OVERLAP characters
    that stands twice in a row with the cut between.

    However the words are cut, the result is the same. At most REACH characters are held back, or
    as many as are a repetition of the whole so far.
    """

    def __init__(self, delivered: str) -> None:
        """Remember what the caller has."""
        self._said = delivered.rstrip()
        self._gap = delivered[len(self._said) :]
        """Blanks that the caller has, and that the target may say again."""
        self._tail = self._said[-REACH:]
        self._held: list[str] = []
        self._size = 0
        """Characters held."""
        self._echo: int | None = None
        """Where in what is held the whole began again, once it can be nothing else."""
        self._found = not self._said
        self.strayed = False
        """It began again with the same words, and then used others: what follows is said twice."""

    def feed(self, text: str) -> str:
        """Return what may go to the caller now."""
        if self._found:
            return self._past_gap(text)
        at, self._size = self._size, self._size + len(text)
        self._held.append(text)
        if self._echo is not None and self._said.startswith(text, at - self._echo):
            return ""
        held = "".join(self._held)
        if self._is_open(held):
            return ""
        return self._decide(held)

    def end(self) -> str:
        """Return what was still held back, when the target has ended."""
        return "" if self._found else self._decide("".join(self._held))

    def _is_open(self, held: str) -> bool:
        """Tell whether more words could make a repetition, or a longer one."""
        if len(held) <= MAX_LEAD and LEAD_BEGUN.fullmatch(held):
            return True
        for start in _starts(held):
            rest = held[start:]
            if len(rest) < len(self._said) and self._said.startswith(rest):
                self._echo = start if len(rest) > REACH else None
                return True
            place = self._tail.find(rest)
            if 0 <= place < len(self._tail) - len(rest):
                return True
        return False

    def _decide(self, held: str) -> str:
        self._found = True
        self._held.clear()
        overlaps = [(self._overlap(held, start), -start) for start in _starts(held)]
        overlap, start = max(overlaps)
        if not overlap:
            longest = max(_common(self._said, held[start:]) for start in _starts(held))
            self.strayed = longest >= STRAYED
        return self._past_gap(held[overlap - start :] if overlap else held)

    def _overlap(self, held: str, start: int) -> int:
        """Return how many of the last characters delivered stand here again; 0 for too few."""
        rest = held[start:]
        length = 0
        if rest.startswith(self._said):
            length = len(self._said)
        else:
            for longest in range(min(len(self._tail), len(rest)), MIN_OVERLAP - 1, -1):
                if self._tail.endswith(rest[:longest]):
                    length = longest
                    break
        least = MIN_OVERLAP if start else MIN_ECHO
        return length if length >= least and not _repeats(rest[:length]) else 0

    def _past_gap(self, text: str) -> str:
        """Return the text without the blanks that the caller has already."""
        if not (self._gap and text):
            return text
        same = _common(self._gap, text)
        self._gap = self._gap[same:] if same == len(text) else ""
        return text[same:]


def _starts(held: str) -> list[int]:
    """Return where a repetition may begin: at once, or after an ellipsis and blanks."""
    lead = LEAD.match(held)
    end = lead.end() if lead else 0
    return [0, end] if 0 < end <= MAX_LEAD else [0]


def _repeats(text: str) -> bool:
    """Tell whether a text is one part over and over, twice at least, the last maybe cut short."""
    half = len(text) // 2
    period = text.find(text[: len(text) - half], 1)
    while 0 < period <= half:
        if text.startswith(text[period:]):
            return True
        period = text.find(text[: len(text) - half], period + 1)
    return False


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one.startswith(other[least:middle], least):
            least = middle
        else:
            most = middle - 1
    return least
