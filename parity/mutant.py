"""Bodies that are nearly right: requests of every dialect, with something in them changed."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.wire.carriage import MODELS
from switchgear.wire.registry import TONGUES
from switchgear.wire.specimen import SPECIMENS

Path = tuple[str | int, ...]
Seeds = dict[Dialect, list[dict[str, Any]]]
"""Requests that are right, by their dialect."""

DEEP: Any = "x"
for _ in range(40):
    DEEP = [DEEP, {"a": 1}] if _ % 2 else {"type": DEEP}
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 2**31, 2**53 + 1, 2**63, -(2**63), 10**400),
    *("", " ", "\x00", "\u202e\u0661", "𝄞" * 50, "a" * 20_000, "\ud800", "auto", "0", "data:,x"),
    *("data:image/png;base64,!!", "../../etc", "{{", "[DONE]", "tool_use", "function", "system"),
    *([], {}, [[]], [None], [{}], {"": ""}, {"type": "text"}, {"type": "unheard_of"}, DEEP),
    *({"type": "text", "text": None}, {"type": "image"}, {"role": "user"}, [1, "a", None]),
)
"""Values that stand in the place of others."""

Crush = Callable[[bytes, Random], bytes]


def seeds(dialect: Dialect) -> list[dict[str, Any]]:
    """Return a request for each feature, in one dialect."""
    model = UseModel(MODELS[dialect][0])
    found = [json.loads(TONGUES[dialect].write(it.ask, (model,))[0]) for it in SPECIMENS]
    return [{**each, "model": "auto"} for each in found]


def mutant(dialect: Dialect, known: Seeds, chance: Random) -> bytes:
    """Return a body that was right before something in it was changed."""
    body = json.loads(json.dumps(chance.choice(known[dialect])))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        body = changed(body, known, chance)
    if isinstance(body, dict) and chance.random() < 0.5:
        body["stream"] = chance.random() < 0.9
    raw = _encoded(body, chance)
    return chance.choice(CRUSHES)(raw, chance) if chance.random() < 0.15 else raw


def changed(body: Any, known: Seeds, chance: Random) -> Any:
    """Return a body with one change somewhere."""
    places = list(paths(body))
    if not places:
        return chance.choice(STRANGE)
    *before, last = chance.choice(places)
    holder = body
    for step in before:
        holder = holder[step]
    act = chance.randrange(6)
    if act == 0:
        del holder[last]
    elif act == 1 and isinstance(holder, list):
        holder.insert(int(last), holder[int(last)])
    elif act == 2 and isinstance(holder, dict):
        holder[chance.choice(KEYS)] = holder.pop(str(last))
    elif act == 3:
        other = chance.choice(known[chance.choice(list(known))])
        field = chance.choice(list(other))
        (holder if isinstance(holder, dict) else body)[field] = other[field]
    elif act == 4:
        holder[last] = [holder[last]] if chance.random() < 0.5 else str(holder[last])
    else:
        holder[last] = chance.choice(STRANGE)
    return body


def paths(value: Any, at: Path = ()) -> list[Path]:
    """Return the way to every value inside of this one."""
    steps: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    return [found for step, inner in steps for found in [(*at, step), *paths(inner, (*at, step))]]


def _encoded(body: Any, chance: Random) -> bytes:
    text = json.dumps(body, ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _doubled(raw: bytes, chance: Random) -> bytes:
    return raw.replace(b"{", b'{"model":"a","model":"b",', chance.choice((1, 2, 9)))


def _flipped(raw: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def _nested(raw: bytes, chance: Random) -> bytes:
    many = chance.choice((63, 65, 5000))
    return b"[" * many + raw + b"]" * many


def _foreign(raw: bytes, chance: Random) -> bytes:
    odd = (b"NaN", b"Infinity", b"1e999", b'"\\ud800"', b"-", b"01", b"'a'", b"\xff\xfe")
    return raw.replace(b'"auto"', chance.choice(odd), 1)


def _marked(raw: bytes, chance: Random) -> bytes:
    return chance.choice((b"\xef\xbb\xbf", b"\x00", b"\n" * 9, b"// a\n")) + raw


CRUSHES: tuple[Crush, ...] = (_cut, _doubled, _flipped, _nested, _foreign, _marked)
KEYS = ("", "type", "role", "content", "text", "tools", "input", "system", "x" * 300, "é", "$ref")
