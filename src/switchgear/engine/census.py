"""Counts the characters of a call's texts by class; of long texts only a sample is looked at."""

from collections.abc import Sequence

from switchgear.domain.ask import Counts

MOST_COUNTED = 2_048
"""Characters of a call that are looked at."""
SLICE = 128
"""Characters of a sample that stand together; they are spread evenly over all texts."""
STRETCH = 256
"""Characters that are judged together for being text with hardly a gap."""
MANY_CAPITALS = 16
"""One letter in so many, above which a text is looked at stretch by stretch."""

LOWER = bytes(range(ord("a"), ord("z") + 1))
UPPER = bytes(range(ord("A"), ord("Z") + 1))
NUMERALS = bytes(range(ord("0"), ord("9") + 1))
WHITE = b" \t\n\r\v\f"
NOT_ASCII = bytes(range(0x80, 0x100))
LEADS_TWO = bytes(range(0xC2, 0xE0))
"""First bytes in UTF-8 of what is up to U+07FF."""
LEADS_MORE = bytes(range(0xE0, 0x100))


def census(texts: Sequence[str], chars: int, tool_chars: int) -> Counts:
    """Return the counts of all texts together, which have ``chars`` characters."""
    if chars <= MOST_COUNTED:
        return _counted("".join(texts), 1.0, tool_chars)
    sample = _sample(texts, chars)
    return _counted(sample, chars / len(sample), tool_chars)


def _sample(texts: Sequence[str], chars: int) -> str:
    """Return slices at even distances over the texts as if they were one."""
    stride = chars * SLICE // MOST_COUNTED
    at, slices = 0, []
    for text in texts:
        length = len(text)
        while at < length:
            slices.append(text[at : at + SLICE])
            at += stride
        at -= length
    return "".join(slices)


def _counted(text: str, scale: float, tool_chars: int) -> Counts:
    raw = text.encode(errors="replace")
    no_lower = raw.translate(None, LOWER)
    no_upper = no_lower.translate(None, UPPER)
    no_numerals = no_upper.translate(None, NUMERALS)
    rest = no_numerals.translate(None, WHITE)
    upper = len(no_lower) - len(no_upper)
    white = len(no_numerals) - len(rest)
    accented = wide = 0
    if not raw.isascii():
        accented = len(rest) - len(rest.translate(None, LEADS_TWO))
        wide = len(rest) - len(rest.translate(None, LEADS_MORE))
        rest = rest.translate(None, NOT_ASCII)
    crowded = upper * MANY_CAPITALS > len(raw)
    return Counts(
        lower=round((len(raw) - len(no_lower)) * scale),
        upper=round(upper * scale),
        numerals=round((len(no_upper) - len(no_numerals)) * scale),
        gaps=round((white - raw.count(b"  ")) * scale),
        marks=round(len(rest) * scale),
        accented=round(accented * scale),
        ideographs=round(wide * scale),
        mixed=round(_mixed(raw) * scale) if crowded else 0,
        tool_chars=tool_chars,
        known=True,
    )


def _mixed(raw: bytes) -> int:
    """Return the capitals beyond one for each gap, stretch by stretch."""
    found = 0
    for start in range(0, len(raw), STRETCH):
        stretch = raw[start : start + STRETCH]
        upper = len(stretch) - len(stretch.translate(None, UPPER))
        white = len(stretch) - len(stretch.translate(None, WHITE))
        found += max(0, upper - white)
    return found
