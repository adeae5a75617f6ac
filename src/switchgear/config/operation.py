"""The parts of the config file that say how the gateway itself is run."""

from typing import Annotated

import msgspec

from switchgear.config.part import Count, Entry, NextStep, Share, Span, Wait
from switchgear.config.setup import WhenFull
from switchgear.config.spending import PassedEntry
from switchgear.domain.endpoint import Endpoint


class PatienceEntry(Entry, frozen=True, kw_only=True):
    """How long a target may say nothing."""

    connect_s: Wait = 3.0
    """Seconds for a connection. Default: 3."""
    first_s: Wait = 30.0
    """Seconds from sending a streaming call to its first content. Default: 30."""
    between_s: Wait = 30.0
    """Seconds from one chunk to the next after that. Default: 30."""
    whole_s: Wait = 600.0
    """Seconds for a whole answer. Default: 600."""
    call_s: Wait = 600.0
    """Seconds from a call's arrival to its first content, all tries and pauses together; a caller
    may ask for less. Default: 600."""


class RetryEntry(Entry, frozen=True, kw_only=True):
    """How much may be sent again to a target that failed, and how long a call may wait for one."""

    share: Share = 0.2
    """Second tries and hedges, as a share of the calls to a target in the last seconds.
    Default: 0.2."""
    least: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 3.0
    """So many besides, so that a quiet target can be tried again. Default: 3."""
    longest_wait_s: Span = 60.0
    """Seconds that a call may wait for a target that is out of room, where there is no other.
    Default: 60."""


class BreakerEntry(Entry, frozen=True, kw_only=True):
    """When a sick target is left alone, and for how long."""

    failures: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    """Failures in a row, or slow answers, after which it is left alone. Default: 5."""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """Share of failures, or of slow answers, in the window that does the same. Default: 0.5."""
    answers: Count = 20
    """Answers in the window before the share counts. Default: 20."""
    window_s: Wait = 30.0
    """Seconds that the share is taken over. Default: 30."""
    rest_s: Wait = 5.0
    """Seconds until it is probed; doubled each time the probe fails. Default: 5."""
    longest_rest_s: Wait = 20.0
    """Seconds of the longest rest. Default: 20."""
    slow_factor: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 5.0
    """An answer is slow whose first content takes so many times the target's own median, and twice
    its p95; 0 for never. Default: 5."""
    slow_first_content_s: Wait | None = None
    """Seconds to the first content from which every answer is slow. Default: none."""


class ServerEntry(Entry, frozen=True, kw_only=True):
    """How the gateway listens, and what it takes."""

    host: str = "127.0.0.1"
    """Address to listen on; beyond this machine only with keys. Default: 127.0.0.1."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8790
    """Port; 0 takes a free one. Default: 8790."""
    max_body_bytes: Count = 10_000_000
    """Bytes of one request body. Default: 10,000,000."""
    max_calls: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 2048
    """Calls under way at once. Default: 2,048."""
    header_receipt_s: Wait = 10.0
    """Seconds for the headers to arrive. Default: 10."""
    body_receipt_s: Wait = 30.0
    """Seconds for the body to arrive, plus one for each 64 kB. Default: 30."""
    reader_stall_s: Wait = 60.0
    """Seconds that a caller may leave its answer unread. Default: 60."""
    drain_s: Wait = 30.0
    """Seconds that calls under way may take to end when the server stops. Default: 30."""
    open_metrics: bool = False
    """Whether anybody may read ``/metrics``. With keys it otherwise takes one with the right
    ``metrics``. Default: false."""


class LanesEntry(Entry, frozen=True, kw_only=True):
    """How calls wait where there is not room for all: at a full target, or at the gateway."""

    waiting: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 256
    """Calls that may wait at one target; for 0 a full target is passed over. Default: 256."""
    in_lane: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 128
    """Of them, in each lane: interactive, standard, batch. Default: 128."""
    at_gateway: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 1024
    """Calls that may wait for one of ``server.max_calls``, at most half of them in one lane.
    Default: 1,024."""
    longest_wait_s: Wait = 30.0
    """Seconds that a call waits at most. Default: 30."""
    heavy_from_tokens: Count = 8000
    """Tokens, estimated input and expected output together, from which a call is heavy. Small
    calls and heavy ones never wait for each other's last places. Default: 8,000."""
    kept: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.25
    """Share of a target's places that heavy calls leave to small ones, small calls to heavy ones
    while such come, and calls of lower lanes to interactive ones while such come; at least one
    place each where there are two, none where there is one. Default: 0.25."""
    ageing_s: Wait = 5.0
    """Seconds after which a lower lane gets one place in sixteen out of turn. Default: 5."""


class LedgerEntry(Entry, frozen=True, kw_only=True):
    """How the ledger is kept."""

    path: str = "switchgear.db"
    """An SQLite file; ``:memory:`` forgets when the process ends. Default: switchgear.db."""
    url: str = ""
    """In place of a file, a Postgres database that several nodes share: ``postgresql://``; write
    ``${NAME}`` to take it from the environment. Default: none, the file is used."""
    durable: bool = True
    """Each row is on the disk before its answer ends. Default: true."""
    bodies: bool = False
    """Keep request bodies, not only their digests. Default: false."""
    journal_mb: Annotated[int, msgspec.Meta(ge=0, le=65_536)] = 16
    """Megabytes of disk taken beforehand, beside the file, for rows that it cannot take because the
    disk is full or the file is locked; of a database, in the working directory, for those that come
    while it is gone. 0 for none. Default: 16."""
    when_full: WhenFull = WhenFull.REFUSE
    """When the journal is full too: ``refuse`` calls with 503 ``ledger_down``, or ``serve`` them
    without a row. Default: ``refuse``."""


class RedisEntry(Entry, frozen=True, kw_only=True):
    """What several nodes or workers share that may be lost: rates, places, the kill switch."""

    url: str = ""
    """Of a Redis or Valkey: ``redis://``, ``rediss://`` or ``unix://``; write ``${NAME}`` to take
    it from the environment. Default: none, each node keeps its own."""


class HaltsEntry(Entry, frozen=True, kw_only=True):
    """Where the kill switch keeps what is stopped."""

    path: str = ""
    """A JSON file, which ``switchgear halt`` and ``switchgear resume`` write. Default: halts.json
    beside the ledger's file; with a ledger in memory none."""


class OverheadEntry(Entry, frozen=True, kw_only=True):
    """When our own stages are left out, because they cost more time than they save."""

    second_usd: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 0.01
    """US dollars that a second of a caller's waiting is worth. A stage whose expected saving is
    below its time at this price is skipped, and tried again now and then; 0 skips none.
    Default: 0.01."""


class FlawsEntry(Entry, frozen=True, kw_only=True):
    """What is done about answers of no use: empty, broken JSON, or tool calls that are wrong."""

    after: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 3
    """So many in a row from one target on one route, and it rests there. Default: 3."""
    rest_s: Wait = 120.0
    """Seconds that it rests. Default: 120."""
    next: NextStep = "stronger"
    """Who takes its place: ``stronger``, those of a higher tier or quality before the others; or
    target ids, tried in this order. Default: ``stronger``."""


class ResponsesEntry(Entry, frozen=True, kw_only=True):
    """How answers are kept for callers who go on from them by ``previous_response_id``."""

    most_mb: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 64
    """Megabytes that they may take in memory; those used longest ago are forgotten first.
    Default: 64."""
    keep_h: Annotated[float, msgspec.Meta(gt=0, le=8760)] = 24.0
    """Hours that one is kept, since it was given or gone on from. Default: 24."""
    path: str = ""
    """An SQLite file that they are also written to, so that they outlive the process; it holds what
    was said. Default: none, they are only in memory."""


class IdempotencyEntry(Entry, frozen=True, kw_only=True):
    """How answers are kept for calls that are sent again with the same ``idempotency-key``."""

    window_s: Wait = 600.0
    """Seconds after its end that an answer is given again. Default: 600."""
    most_mb: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 32
    """Megabytes that they may take in memory; the oldest are forgotten first. Default: 32."""


class PassthroughEntry(Entry, frozen=True, kw_only=True):
    """What is passed through and not translated: for each kind, the target whose provider gets it.

    What is not named here is refused with 404. A caller may name another target by the header
    ``x-switchgear-target``, where its key may use it. Write ``{target: <id>, most_usd: 0.2}`` for a
    target id to say what one request may cost: without it, keys with a budget in money are refused.
    """

    files: str | PassedEntry = ""
    """Target id for ``/v1/files`` and ``/v1/uploads``. Default: refused."""
    batches: str | PassedEntry = ""
    """Target id for ``/v1/batches``. Default: refused."""
    vector_stores: str | PassedEntry = ""
    """Target id for ``/v1/vector_stores``. Default: refused."""
    audio: str | PassedEntry = ""
    """Target id for ``/v1/audio``: speech, transcriptions, translations. Default: refused."""
    images: str | PassedEntry = ""
    """Target id for ``/v1/images``. Default: refused."""
    moderations: str | PassedEntry = ""
    """Target id for ``/v1/moderations``. Default: refused."""
    message_batches: str | PassedEntry = ""
    """Target id for Anthropic's ``/v1/messages/batches``. Default: refused."""
    message_files: str | PassedEntry = ""
    """Target id for Anthropic's ``/v1/files``. Default: refused."""
    max_body_mb: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 100
    """Megabytes of one request's body, which goes by and is never held. Default: 100."""

    def target(self, endpoint: Endpoint) -> str:
        """Return the target id for one kind; empty where it is refused."""
        found = getattr(self, endpoint.value)
        return found.target if isinstance(found, PassedEntry) else str(found)

    def most_usd(self, endpoint: Endpoint) -> float | None:
        """Return what one request of a kind may cost; None where that is not said."""
        found = getattr(self, endpoint.value)
        return found.most_usd if isinstance(found, PassedEntry) else None
