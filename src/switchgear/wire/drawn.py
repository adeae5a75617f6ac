"""How likely a target's words were, read from its own bytes: only two dialects can say it.

OpenAI's chat completions and responses carry log-probabilities where the caller asked for them.
Messages and Converse have no words for it; Gemini has, but no caller's request asks it there.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.drawn import MOST_DRAWN, Drawn

MOST_BYTES = 4_194_304
"""Of an answer that is read again for this."""
SIGN = b'"logprob"'
DATA = b"data:"


class Rival(msgspec.Struct, frozen=True, gc=False):
    """One of the likeliest tokens for a place."""

    logprob: float


class Told(msgspec.Struct, frozen=True, gc=False):
    """One token, as both dialects have it."""

    logprob: float
    top_logprobs: tuple[Rival, ...] = ()


class _Logprobs(msgspec.Struct, frozen=True):
    content: tuple[Told, ...] | None = None


class _Choice(msgspec.Struct, frozen=True):
    logprobs: _Logprobs | None = None


class _Chat(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...] = ()


class _Part(msgspec.Struct, frozen=True):
    logprobs: tuple[Told, ...] | None = None


class _Item(msgspec.Struct, frozen=True):
    content: tuple[_Part, ...] | None = None


class _Response(msgspec.Struct, frozen=True):
    output: tuple[_Item, ...] = ()


class _Frame(msgspec.Struct, frozen=True):
    response: _Response | None = None


_CHAT = msgspec.json.Decoder(_Chat)
_RESPONSE = msgspec.json.Decoder(_Response)
_FRAME = msgspec.json.Decoder(_Frame)


def read_drawn(dialect: Dialect | None, raw: bytes) -> tuple[Drawn, ...]:
    """Return the first tokens of an answer; none where they are not told, or cannot be read.

    ``raw`` is a whole body, or the frames of a whole stream, as the target sent them.
    """
    read = READERS.get(dialect)
    if read is None or len(raw) > MOST_BYTES or SIGN not in raw:
        return ()
    try:
        return tuple([_plain(each) for each in islice(read(raw), MOST_DRAWN)])
    except (msgspec.DecodeError, RecursionError):
        return ()


def _plain(told: Told) -> Drawn:
    return Drawn(told.logprob, tuple([each.logprob for each in told.top_logprobs]))


def _of_chat(raw: bytes) -> Iterator[Told]:
    for each in _documents(raw):
        for choice in _CHAT.decode(each).choices[:1]:
            if choice.logprobs is not None:
                yield from choice.logprobs.content or ()


def _of_response(raw: bytes) -> Iterator[Told]:
    for response in _responses(raw):
        for item in response.output:
            for part in item.content or ():
                yield from part.logprobs or ()


def _responses(raw: bytes) -> Iterator[_Response]:
    """Return the whole response: of a stream, it stands in the last frame that has one."""
    if not _streams(raw):
        yield _RESPONSE.decode(raw)
        return
    for each in reversed(list(_documents(raw))):
        found = _FRAME.decode(each).response
        if found is not None:
            yield found
            return


def _documents(raw: bytes) -> Iterator[bytes]:
    if not _streams(raw):
        yield raw
        return
    for line in raw.splitlines():
        if line.startswith(DATA) and line.rstrip().endswith(b"}"):
            yield line[len(DATA) :]


def _streams(raw: bytes) -> bool:
    return raw.lstrip()[:1] != b"{"


READERS: dict[Dialect | None, Callable[[bytes], Iterator[Told]]] = {
    Dialect.OPENAI_CHAT: _of_chat,
    Dialect.OPENAI_RESPONSES: _of_response,
}
