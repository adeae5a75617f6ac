"""Texts of five kinds, to learn from and to be tried on: never the same."""

import base64
import gzip
import json
import math
import random
from functools import cache
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
CODE = HERE.parent / "src" / "switchgear" / "engine"
KINDS = ("prose", "code", "json", "chinese", "base64")
SHORTEST, LONGEST = 150, 8_000
LEARNT_SHARE = 0.6
"""Of the sources; the rest is for trying."""
CHINESE_SHARE = 3
"""A Chinese text has one character for so many of another's."""
WORDS = (
    *("id", "name", "status", "items", "price", "total", "user", "address", "city", "active"),
    *("created", "updated", "tags", "score", "note", "quantity", "sku", "lines", "currency"),
    *("country", "kind", "value", "error", "retry"),
)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One call's text."""

    kind: str
    held: bool
    """For trying, and not to be learnt from."""
    text: str


def samples(seed: int, count: int, *, held: bool, longest: int = LONGEST) -> list[Sample]:
    """Return so many texts, of all kinds in turn, of lengths that are as likely at every scale."""
    chance = random.Random(f"{seed} {held}")
    made = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        length = int(math.exp(chance.uniform(math.log(SHORTEST), math.log(longest))))
        made.append(Sample(kind=kind, held=held, text=_text(kind, length, chance, held=held)))
    return made


def _text(kind: str, length: int, chance: random.Random, *, held: bool) -> str:
    match kind:
        case "code":
            return _code(length, chance, held=held)
        case "json":
            return _json(length, chance, held=held)
        case "chinese":
            return _filled(_share(kind, held), max(60, length // CHINESE_SHARE), chance, "")
        case "base64":
            return base64.b64encode(chance.randbytes(length * 3 // 4)).decode()
        case _:
            return _filled(_share(kind, held), length, chance, "\n\n")


def _code(length: int, chance: random.Random, *, held: bool) -> str:
    if chance.random() < 0.5:
        return _filled(_share("code", held), length, chance, "\n\n")
    files = _parted([path.read_text("utf-8") for path in sorted(CODE.glob("*.py"))], held)
    source = chance.choice(files)
    start = chance.randrange(max(1, len(source) - length))
    return source[start : start + length]


def _json(length: int, chance: random.Random, *, held: bool) -> str:
    if chance.random() < 0.4:
        return _filled(_share("json", held), length, chance, "\n")
    indent, made = chance.choice((None, None, 2)), ""
    while len(made) < length:
        entry = {word: _value(chance, 3) for word in chance.sample(WORDS, 6)}
        made += json.dumps(entry, indent=indent) + "\n"
    return made[:length]


def _value(chance: random.Random, depth: int) -> object:
    drawn = chance.random()
    if depth and drawn < 0.25:
        names = chance.sample(WORDS, chance.randint(2, 6))
        return {name: _value(chance, depth - 1) for name in names}
    if depth and drawn < 0.35:
        return [_value(chance, depth - 1) for _ in range(chance.randint(1, 5))]
    simple = (
        lambda: chance.randint(0, 9999),
        lambda: round(chance.random() * 1000, 2),
        lambda: chance.randint(10**8, 10**10),
        lambda: chance.choice((True, False, None)),
        lambda: f"{chance.getrandbits(128):032x}"[: chance.choice((8, 12, 32))],
        lambda: f"202{chance.randint(0, 6)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        lambda: " ".join(chance.choices(WORDS, k=chance.randint(1, 6))),
        lambda: " ".join(chance.choices(WORDS, k=chance.randint(1, 6))),
    )
    return chance.choice(simple)()


def _filled(pieces: list[str], length: int, chance: random.Random, between: str) -> str:
    made = chance.choice(pieces)
    while len(made) < length:
        made += between + chance.choice(pieces)
    return made[:length]


@cache
def _read(name: str) -> list[str]:
    raw = gzip.decompress((HERE / "texts" / f"{name}.jsonl.gz").read_bytes())
    return [json.loads(line) for line in raw.splitlines()]


def _share(name: str, held: bool) -> list[str]:  # noqa: FBT001  (private, and named at each call)
    return _parted(_read(name), held)


def _parted(pieces: list[str], held: bool) -> list[str]:  # noqa: FBT001  (as above)
    edge = int(len(pieces) * LEARNT_SHARE)
    return pieces[edge:] if held else pieces[:edge]
