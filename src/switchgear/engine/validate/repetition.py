"""Whether an answer goes round in circles: its end, or one line of it, again and again.

Time is linear in what is looked at, and that is bounded: the last few thousand characters for the
end, the last tens of thousands for lines.
"""

from collections import Counter

TAIL = 4096
"""Characters of the end in which a period is looked for."""
LEAST_SPAN = 256
"""Characters that go round, before it is more than a table or a row of dashes."""
TIMES = 4
"""That the same is said in a row; lists of alike things say something new each time."""
WORDS = 64
"""Characters of the end that are looked for before it."""
TRIES = 16
"""Places where they stand; nearer ones may be within what goes round."""
BLANKS = 16
"""At the end, that are left out; of more, they are what goes round."""
LINES = 65_536
"""Characters of the end in which lines are counted."""
SAME_LINES = 8
"""Of one wording."""
LINE = 12
"""Characters of a line that says anything: brackets and rules of tables are shorter."""
SHARE = 0.5
"""Of all that the lines say."""


def repeats(text: str) -> bool:
    """Return whether the text goes round in circles."""
    return _ends_in_circles(text[-TAIL:]) or _says_one_line(text[-LINES:])


def _ends_in_circles(text: str) -> bool:
    """Return whether some period fits the end, tried where its last words stand before."""
    bare = text.rstrip()
    tail = bare if len(text) - len(bare) < BLANKS else text
    last = tail[-WORDS:]
    at = len(tail) - len(last)
    for _ in range(TRIES):
        at = tail.rfind(last, 0, at + len(last) - 1)
        period = len(tail) - len(last) - at
        span = max(LEAST_SPAN, TIMES * period)
        if at < 0 or TIMES * period > len(tail):
            return False
        if span <= len(tail) and tail[-span + period :] == tail[-span:-period]:
            return True
    return False


def _says_one_line(text: str) -> bool:
    lines = [line for each in text.splitlines() if len(line := each.strip()) >= LINE]
    if len(lines) < SAME_LINES:
        return False
    line, count = Counter(lines).most_common(1)[0]
    return count >= SAME_LINES and count * len(line) >= SHARE * sum(map(len, lines))
