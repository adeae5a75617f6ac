"""What can be told from a condition's text alone: what it reads, and whether it can ever hold.

Only a conjunction of simple comparisons is understood, ``a > 5 && b == "x"``; of anything else
nothing is claimed, so no condition that could hold is called impossible.
"""

import math
import re
from collections.abc import Iterable

import msgspec

from switchgear.domain.ask import Step
from switchgear.domain.dialect import Dialect

_TOKEN = re.compile(
    r"""\s*(?P<word>
      [rR]?"(?:[^"\\\n]|\\.)*" | [rR]?'(?:[^'\\\n]|\\.)*'
    | (?:\d+\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?
    | [A-Za-z_]\w*
    | &&|\|\||==|!=|<=|>=
    | .
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TEXT = re.compile(r"""(["'])([^\\]*)\1""")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_RANGES = {
    **dict.fromkeys(
        (
            "ask.input_tokens",
            "ask.max_output",
            "ask.chars",
            "ask.turns",
            "ask.tools",
            "ask.images",
            "ask.documents",
        ),
        (0.0, math.inf),
    ),
    "ask.complexity": (0.0, 1.0),
}
_VALUES = {
    "ask.step": {each.value for each in Step},
    "ask.dialect": {each.value for each in Dialect},
}

Literal = float | str | bool


class Comparison(msgspec.Struct, frozen=True):
    """One variable beside one literal."""

    name: str
    sign: str
    value: Literal


def tokens(when: str) -> list[str]:
    """Return the words and signs of a condition, texts whole."""
    return [found["word"] for found in _TOKEN.finditer(when) if found["word"].strip()]


def conjuncts(when: str) -> list[tuple[str, ...]]:
    """Return the parts that all must hold; one part when the condition is no conjunction."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in tokens(when):
        depth += (word in "([{") - (word in ")]}")
        if depth == 0 and word in {"||", "?"}:
            return [tuple(tokens(when))]
        if depth == 0 and word == "&&":
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(_bare(part)) for part in parts]


def covers(earlier: str, later: str) -> bool:
    """Tell whether the earlier condition is sure to hold whenever the later one does."""
    return set(conjuncts(earlier)) <= set(conjuncts(later))


def contradiction(when: str) -> str:
    """Return why the condition can never hold; empty when that cannot be told."""
    by_name: dict[str, list[Comparison]] = {}
    for part in conjuncts(when):
        found = _comparison(part)
        if found is not None:
            by_name.setdefault(found.name, []).append(found)
    for name, found_all in by_name.items():
        if not _possible(name, found_all):
            said = " && ".join(f"{name} {each.sign} {_shown(each.value)}" for each in found_all)
            return f"nothing satisfies {said}"
    return ""


def metadata_names(when: str) -> frozenset[str] | None:
    """Return the names of the metadata that are read; None when they cannot be told."""
    words = tokens(when)
    names = set()
    for at, word in enumerate(words):
        if word != "metadata" or (at and words[at - 1] == "."):
            continue
        name = _named(words, at)
        if name is None:
            return None
        names.add(name)
    return frozenset(names)


def _named(words: list[str], at: int) -> str | None:
    after = words[at + 1 : at + 4]
    if len(after) > 1 and after[0] == "." and after[1].isidentifier() and after[2:] != ["("]:
        return after[1]
    text = None
    if after[:1] + after[2:] == ["[", "]"]:
        text = _TEXT.fullmatch(after[1])
    elif at > 1 and words[at - 1] == "in":
        text = _TEXT.fullmatch(words[at - 2])
    return text[2] if text else None


def _bare(part: list[str]) -> list[str]:
    while len(part) > 1 and part[0] == "(" and part[-1] == ")" and _closes_last(part):
        part = part[1:-1]
    return part


def _closes_last(part: list[str]) -> bool:
    depth = 0
    for at, word in enumerate(part):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return at == len(part) - 1
    return False


def _comparison(part: tuple[str, ...]) -> Comparison | None:
    if part and part[0] == "!":
        name = _name(part[1:])
        return Comparison(name, "==", value=False) if name else None
    for at, word in enumerate(part):
        if word in _FLIPPED:
            return _sided(part[:at], word, part[at + 1 :])
    name = _name(part)
    return Comparison(name, "==", value=True) if name else None


def _sided(left: tuple[str, ...], sign: str, right: tuple[str, ...]) -> Comparison | None:
    name, value = _name(left), _literal(right)
    if name and value is not None:
        return Comparison(name, sign, value)
    name, value = _name(right), _literal(left)
    if name and value is not None:
        return Comparison(name, _FLIPPED[sign], value)
    return None


def _name(part: tuple[str, ...]) -> str:
    if part[:2] == ("metadata", "[") and part[3:] == ("]",) and _TEXT.fullmatch(part[2]):
        return f"metadata.{part[2][1:-1]}"
    words, dots = part[::2], part[1::2]
    plain = all(word.isidentifier() for word in words) and all(dot == "." for dot in dots)
    literal = part[:1] in {("true",), ("false",), ("null",)}
    return ".".join(words) if plain and len(part) % 2 and not literal else ""


def _literal(part: tuple[str, ...]) -> Literal | None:
    joined = "".join(part)
    if joined in {"true", "false"}:
        return joined == "true"
    if _NUMBER.fullmatch(joined):
        return float(joined)
    text = _TEXT.fullmatch(joined)
    return text[2] if text else None


def _possible(name: str, comparisons: list[Comparison]) -> bool:
    texts = [each for each in comparisons if isinstance(each.value, str)]
    truths = [each for each in comparisons if isinstance(each.value, bool)]
    numbers = [
        (each.sign, float(each.value))
        for each in comparisons
        if not isinstance(each.value, (str, bool))
    ]
    return (
        _choosable(texts, _VALUES.get(name))
        and _choosable(truths, {True, False})
        and _interval(numbers, _RANGES.get(name, (-math.inf, math.inf)))
    )


def _choosable(comparisons: list[Comparison], values: Iterable[object] | None) -> bool:
    equal = {each.value for each in comparisons if each.sign == "=="}
    unequal = {each.value for each in comparisons if each.sign == "!="}
    if len(equal) > 1 or equal & unequal:
        return False
    return values is None or not equal - set(values)


def _interval(comparisons: list[tuple[str, float]], bounds: tuple[float, float]) -> bool:
    low, high = bounds
    open_low = open_high = False
    for sign, value in comparisons:
        if sign in {">", ">=", "=="} and (value, sign == ">") > (low, open_low):
            low, open_low = value, sign == ">"
        if sign in {"<", "<=", "=="} and (-value, sign == "<") > (-high, open_high):
            high, open_high = value, sign == "<"
    if low == high:
        return not (open_low or open_high or ("!=", low) in comparisons)
    return low < high


def _shown(value: Literal) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
