"""What a config file comes to: one frozen value that the app is built from."""

from enum import Enum
from typing import Literal

import msgspec

from switchgear.config.service import Service
from switchgear.domain.account import Budget
from switchgear.domain.caller import Key, Mode
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.learning import Learning
from switchgear.domain.looping import Looping
from switchgear.domain.quirk import Quirks
from switchgear.domain.rate import NO_BOUNDS, Rates
from switchgear.domain.secret import Secret
from switchgear.domain.task import AtCap, Caps
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.allowance import Limits
from switchgear.engine.policy import Conditions, Policy
from switchgear.engine.temper import Temper


class Google(msgspec.Struct, frozen=True, kw_only=True):
    """Where a Vertex AI provider's access token comes from."""

    service_account: str = ""
    """Path of a key file; empty for the application default credentials."""
    scopes: tuple[str, ...] = ("https://www.googleapis.com/auth/cloud-platform",)


class Aws(msgspec.Struct, frozen=True, kw_only=True):
    """What requests to Bedrock are signed with."""

    region: str = ""
    """Of the endpoint."""
    access_key_id: str = ""
    secret_access_key: Secret | None = None
    """None for the keys that botocore's chain finds."""
    session_token: Secret | None = None
    profile: str = ""
    """Of the shared AWS config, for the chain; empty for its default."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Where targets live."""

    id: str
    dialect: Dialect
    base_url: str
    """Without the endpoint: ``https://api.openai.com/v1``; no slash at the end."""
    service: Service = Service.PLAIN
    api_version: str = ""
    """Azure's; empty where its paths need none."""
    api_key: Secret | None = None
    google: Google = Google()
    """Means something for Vertex AI, where no ``api_key`` is given."""
    aws: Aws = Aws()
    """Means something for Bedrock, where no ``api_key`` is given."""
    headers: tuple[tuple[str, Secret], ...] = ()
    """Sent with every request; names in lower case."""
    ask_usage: bool = True
    """It knows ``stream_options.include_usage``."""
    prefill: PrefillForm = PrefillForm.PLAIN
    """How it is told to go on from an assistant message; means something in OpenAI's dialect."""
    quirks: Quirks = Quirks()
    """What it does otherwise than its dialect says."""
    holds_answers: bool = False
    """Callers can go on from its answers by their ids there."""


class ToolSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where the arguments of a tool target come from: exactly one is set."""

    tool_call: bool = False
    """The last tool call of the conversation."""
    json: bool = False
    """The first JSON object in the last user turn."""
    pattern: str = ""
    """RE2 with named groups, searched in the last user turn; the groups are the arguments."""


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A deterministic function that can serve calls."""

    target: str
    """Its target id."""
    function: str
    """A built-in (``arithmetic``, ``template``, ``json_path``, ``lookup``) or ``module:name``."""
    source: ToolSource
    schema: msgspec.Raw
    """JSON Schema that the arguments must fit."""
    settings: dict[str, object] = {}
    """Fixed by the owner: the template, the table, the path."""


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A credential and what it may do."""

    secret_digest: str
    """SHA-256 of the credential, hexadecimal: the credential itself is not kept."""
    key: Key


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all keys of one tenant together."""

    budgets: tuple[Budget, ...] = ()
    rates: Rates = NO_BOUNDS
    weight: float = 1.0
    """Its share, against other tenants', of what there is not enough of."""


NO_TENANT = Tenant()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a target may say nothing."""

    connect: Seconds = Seconds(3.0)
    first: Seconds = Seconds(30.0)
    """From sending a streaming call to its first content."""
    between: Seconds = Seconds(30.0)
    """From one chunk to the next, after that."""
    whole: Seconds = Seconds(600.0)
    """For a whole answer."""
    call: Seconds = Seconds(600.0)
    """From a call's arrival to its first content, all tries and pauses together."""


class Retrying(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be sent again, and how long a call may wait for room."""

    limits: Limits = Limits()
    longest_wait: Seconds = Seconds(60.0)


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway listens, and what it takes."""

    host: str = "127.0.0.1"
    port: int = 8790
    max_body: int = 10_000_000
    """Bytes."""
    max_calls: int = 2048
    """Under way at once."""
    header_receipt: Seconds = Seconds(10.0)
    body_receipt: Seconds = Seconds(30.0)
    """Plus one second for each 64 kB."""
    reader_stall: Seconds = Seconds(60.0)
    """How long a caller may leave its answer unread."""
    drain: Seconds = Seconds(30.0)
    """How long calls under way may take to end when the server stops."""
    open_metrics: bool = False
    """Everybody may read the metrics, where there are keys too."""


class WhenFull(Enum):
    """What becomes of calls when neither the database nor the journal takes their rows."""

    REFUSE = "refuse"
    """They get 503 ``ledger_down``."""
    SERVE = "serve"
    """They are answered without a row; the loss is counted and logged."""


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """How the ledger is kept."""

    path: str = "switchgear.db"
    """An SQLite file; ``:memory:`` forgets when the process ends."""
    url: Secret | None = None
    """Of a Postgres database in its place; the address may hold a password."""
    durable: bool = True
    """Each row is on the disk before its answer ends (``synchronous=FULL``); else ``NORMAL``."""
    bodies: bool = False
    """Keep request bodies, not only their digests."""
    journal: int = 16_000_000
    """Bytes kept beside the file for rows that it cannot take for a while; 0 for none."""
    when_full: WhenFull = WhenFull.REFUSE
    """And when that is full too."""


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How answers are kept for calls that are sent again with the same idempotency key."""

    window: Seconds = Seconds(600.0)
    """After the answer's end."""
    most_bytes: int = 32_000_000
    """Of all of them in memory."""


class Remembering(msgspec.Struct, frozen=True, kw_only=True):
    """How answers are kept that callers go on from by their ids."""

    most_bytes: int = 64_000_000
    """Of all of them in memory."""
    span: Seconds = Seconds(86_400.0)
    """Since one was given, or gone on from."""
    path: str = ""
    """An SQLite file behind the memory; empty for none."""


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How many answers of no use a target may give on one route."""

    after: int = 3
    """So many in a row, and it rests there."""
    rest: Seconds = Seconds(120.0)


OPENAI = (Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES)
ANTHROPIC = (Dialect.ANTHROPIC_MESSAGES,)
PASSED_IN = {
    each: ANTHROPIC if each.value.startswith("message_") else OPENAI
    for each in Endpoint
    if each.passed
}
"""The dialects of the providers that have what is passed through."""


class Passthrough(msgspec.Struct, frozen=True, kw_only=True):
    """What is passed through, and to whom."""

    targets: dict[Endpoint, str] = {}
    """Target ids; what is not here is refused."""
    most: int = 100_000_000
    """Bytes of one request's body."""
    costs: dict[Endpoint, NanoUsd] = {}
    """What one request may cost at most, where the owner says it."""


class Queueing(msgspec.Struct, frozen=True, kw_only=True):
    """How calls wait for a place, at a target or at the gateway itself."""

    waiting: int = 256
    """Calls, at each target."""
    in_lane: int = 128
    """Of them, in each lane."""
    at_gateway: int = 1024
    """Calls, at the gateway; half of them in each lane."""
    longest_wait: Seconds = Seconds(30.0)
    heavy_from: int = 8000
    """Tokens, expected output included, from which a call is heavy."""
    kept: float = 0.25
    """Share of a target's places that is kept for small calls, for heavy ones, and from lower
    lanes."""
    ageing: Seconds = Seconds(5.0)
    """After which a lower lane gets some places out of turn."""


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """How what a call may cost is reckoned before it is sent."""

    margin: float = 0.25
    """Share of the estimated input that is set aside beside it."""
    usual_output: Tokens | None = None
    """For calls that name no limit; None for the most that the target can."""
    least_output: Tokens = Tokens(256)
    """With less, such a call is of no use."""


class Contexts(msgspec.Struct, frozen=True, kw_only=True):
    """When the context of a task is put into its calls."""

    insert: bool = False
    """Into all calls of tasks that have one; else where ``Task.insert`` says so."""
    tokens: Tokens = Tokens(2000)
    """That it may take."""


class Ticketing(msgspec.Struct, frozen=True, kw_only=True):
    """How long humans may take to answer, and what holds when nobody does."""

    deadline: Seconds = Seconds(86_400.0)
    default: Literal["approve", "deny"] = "deny"


class Supervision(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every task."""

    lifetime: Seconds = Seconds(86_400.0)
    """After so long without a call, a task begins anew."""
    caps: Caps = Caps(at_cap=AtCap.STOP)
    """Of each task, its children included; the action is always said."""
    tool: str = ""
    """Target id of the tool that answers at a cap; empty for none."""
    reserve: float = 0.05
    """Share of each cap that is kept for the final answer, where the action is to wrap up."""
    loops: Looping = Looping()
    context: Contexts = Contexts()
    tickets: Ticketing = Ticketing()


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """One version of everything that the owner asked for."""

    policy: Policy
    conditions: Conditions
    providers: dict[str, Provider]
    tools: dict[str, ToolSpec] = {}
    """By target id."""
    keys: tuple[KeyRecord, ...] = ()
    tenants: dict[str, Tenant] = {}
    """Those of which something is said, by name."""
    user_budgets: tuple[Budget, ...] = ()
    """Of each end user; the name in them is empty."""
    alias_budgets: dict[str, tuple[Budget, ...]] = {}
    """Of those aliases that have any."""
    target_rates: dict[str, Rates] = {}
    """Of those targets that have any."""
    mode: Mode = Mode.ROUTE
    patience: Patience = Patience()
    temper: Temper = Temper()
    retry: Retrying = Retrying()
    server: Server = Server()
    ledger: Book = Book()
    idempotency: Keeping = Keeping()
    passthrough: Passthrough = Passthrough()
    spending: Spending = Spending()
    responses: Remembering = Remembering()
    flaws: Tolerance = Tolerance()
    lanes: Queueing = Queueing()
    tasks: Supervision = Supervision()
    learning: Learning = Learning()
    second: NanoUsd = NanoUsd(0)
    """What a second of a caller's waiting is worth; 0 leaves none of our stages out."""
    redis: Secret | None = None
    """Where nodes share what may be lost; the address may hold a password."""
    halts: str = ""
    """Path of the kill switch's file; empty for none."""
