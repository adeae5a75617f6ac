"""Asks and situations as small blobs, and back.

Fields are told apart by their place, so the lists here only ever grow at their ends: rows that were
written before a field existed end earlier, and its default is taken.
"""

import zlib
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.entry import Entry
from switchgear.domain.situation import Reading, Situation

SAID_BY_COLUMNS = ("model", "dialect", "stream", "key", "tenant", "agent", "task")
"""Fields of an ask that the row mostly has in columns; nil here where they are equal."""

DIGESTS = ("system_digest", "tools_digest")
"""Hexadecimal text is kept as bytes."""

ALONE = (
    "step",
    "input_tokens",
    "max_output",
    "needs",
    "held",
    "floor",
    "metadata",
    "regions",
    "sensitivity",
    "allow",
    "unfit",
    "draw",
    "service",
    "tiers",
    "ceiling",
    "first",
    "task_name",
    "task_step",
    "beyond",
    "grams",
    "warm",
)
"""The other fields of an ask, after its shape."""

SHAPE = (
    "chars",
    "turns",
    "tools",
    "images",
    "documents",
    "last_chars",
    "system_chars",
    "code",
    "maths",
    "digits",
    "constraints",
    "questions",
    "steps",
    "wide",
    "counts",
)

READING = (
    "availability",
    "first_content",
    "token",
    "in_flight",
    "fault",
    "until",
    "known",
    "poor",
    "halted",
)

_columns = attrgetter(*SAID_BY_COLUMNS)
_alone = attrgetter(*ALONE)
_shape = attrgetter(*SHAPE)
_reading = attrgetter(*READING)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode
_decode_readings = msgspec.json.Decoder(dict[str, list[Any]]).decode


def pack_ask(ask: Ask, entry: Entry) -> bytes:
    """Return an ask without what its row's columns say."""
    own, row = _columns(ask), _columns(entry)
    said = (
        None if own == row else [a if a != b else None for a, b in zip(own, row, strict=True)],
        _short(ask.system_digest),
        _short(ask.tools_digest),
    )
    return _encode([*said, _shape(ask.shape), *_alone(ask)])


def unpack_ask(blob: bytes, columns: tuple[Any, ...]) -> Ask:
    """Return the ask again; ``columns`` are the row's values for SAID_BY_COLUMNS."""
    own, system, tools, *rest = _decode(blob)
    said = (
        columns
        if own is None
        else [b if a is None else a for a, b in zip(own, columns, strict=True)]
    )
    fields = dict(zip(SAID_BY_COLUMNS, said, strict=True))
    fields |= dict(zip(DIGESTS, (_long(system), _long(tools)), strict=True))
    fields |= dict(zip(("shape", *ALONE), rest, strict=False))
    fields["shape"] = dict(zip(SHAPE, fields["shape"], strict=False))
    return msgspec.convert(fields, Ask)


def pack_situation(situation: Situation) -> bytes:
    """Return a situation's readings; as JSON their two-digit figures are short, and exact."""
    readings = {name: _reading(each) for name, each in situation.readings.items()}
    return zlib.compress(msgspec.json.encode(readings))


def unpack_situation(name: str, blob: bytes) -> Situation:
    """Return the situation again."""
    found = _decode_readings(zlib.decompress(blob))
    fields = {name: dict(zip(READING, each, strict=False)) for name, each in found.items()}
    return Situation(id=name, readings=msgspec.convert(fields, dict[str, Reading]))


@lru_cache(1024)
def _short(digest: str) -> str | bytes:
    try:
        short = bytes.fromhex(digest)
    except ValueError:
        return digest
    return short if short and short.hex() == digest else digest


def _long(short: str | bytes) -> str:
    return short.hex() if isinstance(short, bytes) else short
