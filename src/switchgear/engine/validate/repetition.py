"""Whether an answer goes round in circles: its end, or one line of it, again and again.

Time is linear in what is looked at, and that is bounded: the last few thousand characters for the
end, the last tens of thousands for lines.

Source: the failure function of D. Knuth, J. Morris, V. Pratt, "Fast pattern matching in strings",
1977: of a text read backwards it gives the smallest period of every ending.
"""

from collections import Counter

TAIL = 4096
"""Characters of the end in which a period is looked for."""
LEAST_SPAN = 256
"""Characters that go round, before it is more than a table or a row of dashes."""
TIMES = 4
"""That the same is said in a row; lists of alike things say something new each time."""
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
    bare = text.rstrip()
    backwards = (bare if len(text) - len(bare) < BLANKS else text)[::-1]
    fallback = [0] * len(backwards)
    length = 0
    for at in range(1, len(backwards)):
        letter = backwards[at]
        while length and backwards[length] != letter:
            length = fallback[length - 1]
        length += backwards[length] == letter
        fallback[at] = length
        if at + 1 >= LEAST_SPAN and at + 1 >= TIMES * (at + 1 - length):
            return True
    return False


def _says_one_line(text: str) -> bool:
    lines = [line for each in text.splitlines() if len(line := each.strip()) >= LINE]
    if len(lines) < SAME_LINES:
        return False
    line, count = Counter(lines).most_common(1)[0]
    return count >= SAME_LINES and count * len(line) >= SHARE * sum(map(len, lines))
