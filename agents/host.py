"""The scripted upstream: a server that plays a task in any dialect that is spoken here."""

import re
from urllib.parse import unquote

import msgspec
from agents.play import Played, play
from agents.transcript import Lost

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import CallerError, MalformedBody, SwitchgearError, UpstreamFailed
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.rehearsal.step import CHUNKED, LAST, Send, Steps, chunk, head, respond
from switchgear.rehearsal.visit import Listener, Request, Visit
from switchgear.wire.registry import TONGUES
from switchgear.wire.tongue import Tongue

LOOPBACK = "127.0.0.1"
DOWN, UP = "down", "scripted"
"""The model that is never there, and the one that always is."""
COUNTS = ("count_tokens", "countTokens", "count-tokens", "input_tokens")
"""How the paths end at which tokens are counted."""
COUNTED = Tokens(1234)
UNAVAILABLE = 503
MODEL = re.compile(r"/models?/([^/:]+)")
"""Where the model is in the paths of dialects that have it there."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and how it was answered."""

    dialect: Dialect
    model: str
    path: str
    status: int = 200
    step: str = ""
    stream: bool = False
    note: str = ""
    """What was wrong with it."""


class Host:
    """One upstream, listening on a port of its own; its base URL says which dialect is spoken."""

    def __init__(self) -> None:
        """Know no request yet; nothing listens before ``start``."""
        self._listener = Listener(self._host)
        self.served: list[Served] = []
        self.requests: list[bytes] = []
        """The bodies, in the same order."""

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        await self._listener.start(LOOPBACK, 0)

    async def stop(self) -> None:
        """Stop listening, and break off what is under way."""
        await self._listener.stop()

    def base_url(self, dialect: Dialect) -> str:
        """Return the address at which a dialect is spoken, as a config file has it."""
        return f"http://{LOOPBACK}:{self._listener.port}/{dialect.value}"

    async def _host(self, visit: Visit) -> None:
        while True:
            request = await visit.request()
            await visit.play(self._answer(request))

    def _answer(self, request: Request) -> Steps:
        _, name, path = request.path.split("/", 2)
        dialect = Dialect(name)
        tongue, found = TONGUES[dialect], MODEL.search(f"/{path}")
        served = Served(dialect=dialect, model=unquote(found[1]) if found else "", path=f"/{path}")
        steps, served = _served(tongue, request.body, served, len(self.served) + 1)
        self.served.append(served)
        self.requests.append(request.body)
        return steps


def _served(tongue: Tongue, raw: bytes, served: Served, number: int) -> tuple[Steps, Served]:
    last = served.path.partition("?")[0].rsplit("/", 1)[-1]
    counts = last.endswith(COUNTS)
    try:
        if served.model == DOWN or (counts and served.model):  # what is asked does not matter
            return _count(tongue, served)
        body = tongue.parse(raw)
        model, stream = served.model or body.model, body.stream or "stream" in last
        served = msgspec.structs.replace(served, model=model, stream=stream)
        if counts or model == DOWN:
            return _count(tongue, served)
        talk = msgspec.structs.replace(body.conversation, model=model, stream=stream)
        played = play(talk, number)
    except Lost as error:
        return _refuse(tongue, MalformedBody(f"The script cannot go on: {error}"), 400, served)
    except CallerError as error:
        return _refuse(tongue, error, 400, served)
    return _told(tongue, talk, played, number), msgspec.structs.replace(served, step=played.step)


def _told(tongue: Tongue, talk: Conversation, played: Played, number: int) -> Steps:
    """Return the answer, each of its events in a chunk of its own where it is streamed."""
    if not talk.stream:
        return [respond(tongue.write_whole(_id(number), played.events))]
    writer = tongue.stream_writer(_id(number), talk)
    frames = [writer.write([event]) for event in played.events]
    start = Send(head(200, tongue.stream_type, CHUNKED))
    return [start, *(Send(chunk(frame)) for frame in frames if frame), Send(LAST)]


def _count(tongue: Tongue, served: Served) -> tuple[Steps, Served]:
    """Return a count; of the one that is down, that it is."""
    if tongue.counter is None or served.model == DOWN:
        return _refuse(tongue, UpstreamFailed("This one is down."), UNAVAILABLE, served)
    return [respond(tongue.counter.write_answer(COUNTED))], served


def _refuse(
    tongue: Tongue, error: SwitchgearError, status: int, served: Served
) -> tuple[Steps, Served]:
    note = "" if status == UNAVAILABLE else str(error)
    steps = [respond(tongue.write_error(error, _id(0)), status=status)]
    return steps, msgspec.structs.replace(served, status=status, note=note)


def _id(number: int) -> str:
    return f"scripted-{number}"
