"""The config file as it is written: names and units for people, defaults where they are sensible.

The JSON Schema and the reference page are made from these fields and their docstrings.
"""

from typing import Annotated, Any, Literal

import msgspec

from switchgear.config.escalation import Escalate
from switchgear.config.learning import LearningEntry
from switchgear.config.operation import (
    BreakerEntry,
    FlawsEntry,
    HaltsEntry,
    IdempotencyEntry,
    LanesEntry,
    LedgerEntry,
    OverheadEntry,
    PassthroughEntry,
    PatienceEntry,
    RedisEntry,
    ResponsesEntry,
    RetryEntry,
    ServerEntry,
)
from switchgear.config.part import Amount, Count, Entry, Share, Span
from switchgear.config.rule import (
    AliasEntry,
    PromiseEntry,
    RuleEntry,
    SensitivityName,
    TierName,
    Tiers,
)
from switchgear.config.service import Service
from switchgear.config.spending import (
    BudgetsEntry,
    EndUsersEntry,
    LimitsEntry,
    PriorityName,
    SpendingEntry,
    TenantEntry,
)
from switchgear.config.supervision import TasksEntry
from switchgear.config.tariff import PriceEntry, ServiceName, ServicesEntry
from switchgear.domain.caller import Mode, Right
from switchgear.domain.decision import Limit, Rescue, Strategy
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.situation import Percentile
from switchgear.domain.target import Capability

KindName = Literal["model", "agent", "tool"]


class GoogleEntry(Entry, frozen=True, kw_only=True):
    """How a Vertex AI provider proves who calls."""

    service_account: str = ""
    """Path of a service account's key file. Default: Google's application default credentials."""
    scopes: tuple[str, ...] = ("https://www.googleapis.com/auth/cloud-platform",)
    """What the access token is asked for. Default: ``cloud-platform``."""


class AwsEntry(Entry, frozen=True, kw_only=True):
    """How requests to Amazon Bedrock are signed."""

    region: str = ""
    """Of the endpoint, such as ``eu-central-1``. Default: the provider's ``region``, or what its
    ``base_url`` says."""
    access_key_id: str = ""
    """Default: what AWS's own chain finds (environment, profiles, roles, the machine)."""
    secret_access_key: str = ""
    """Beside ``access_key_id``; write ``${NAME}`` to take it from the environment."""
    session_token: str = ""
    """Beside them, for keys that are not for ever. Default: none."""
    profile: str = ""
    """Of the shared AWS config, for the chain. Default: its own default."""


class ProviderEntry(Entry, frozen=True, kw_only=True):
    """Where targets live."""

    vendor: str = ""
    """Whose it is, where that is a known house: ``openai``, ``groq``, ``mistral`` … Then all that
    is not written here comes from what is known of it. Default: nobody that is known."""
    dialect: Dialect | None = None
    """The wire format that it speaks. Default: its vendor's."""
    base_url: str = ""
    """Its address without the endpoint, such as ``https://api.openai.com/v1``. Default: its
    vendor's, where that has the same one for everybody."""
    service: Service | None = None
    """What house it is, which says where its endpoints are and how a caller proves itself:
    ``plain``, ``azure``, ``vertex`` or ``bedrock``. Default: its vendor's, else ``plain``."""
    api_version: str = ""
    """For Azure without ``/openai/v1`` in the address: the ``api-version`` of its API. Default:
    ``2024-10-21``, for responses ``2025-04-01-preview``."""
    api_key: str = ""
    """Its credential; write ``${NAME}`` to take it from the environment. Default: none."""
    google: GoogleEntry | None = None
    """For ``service: vertex``: where its access token comes from. A ready token can stand in
    ``api_key`` instead. Default: Google's application default credentials."""
    aws: AwsEntry | None = None
    """For ``service: bedrock``: what requests are signed with. A Bedrock API key can stand in
    ``api_key`` instead. Default: what AWS's own chain finds."""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    """Sent with every request. Default: none."""
    region: str = ""
    """Where its targets handle data, unless they say otherwise. Default: not said."""
    ask_usage: bool | None = None
    """Whether it knows ``stream_options.include_usage``. Default: its vendor's, else true."""
    prefill: PrefillForm | None = None
    """How it is told to go on from an assistant message: ``plain``, ``prefix`` (DeepSeek, Mistral)
    or ``continue_final_message`` (vLLM). Only for targets with the capability ``prefill``.
    Default: its vendor's, else ``plain``."""
    drop: tuple[str, ...] = ()
    """Fields of requests that it refuses, such as ``user`` or ``tools.function.strict``. Callers
    are told in ``x-switchgear-dropped``. Default: its vendor's; these come on top."""
    rename: dict[str, str] = msgspec.field(default_factory=dict)
    """Top-level fields of requests with the names that it knows. Default: its vendor's."""
    holds_answers: bool | None = None
    """Whether it keeps answers for ``previous_response_id``, as callers ask with ``store``. Where
    it does not, we do. Default: true for OpenAI's and Azure's own addresses in the dialect
    ``openai-responses``, else false."""


class PatternEntry(Entry, frozen=True, kw_only=True):
    """Arguments found in the last user turn by a pattern."""

    pattern: str
    """RE2 with named groups, searched for; the groups are the arguments."""


class ToolEntry(Entry, frozen=True, kw_only=True):
    """A deterministic function that can serve calls."""

    function: str
    """``arithmetic``, ``template``, ``json_path``, ``lookup``, or your own as ``module:name``."""
    arguments: Literal["tool_call", "json"] | PatternEntry = "tool_call"
    """Where its arguments come from: the last tool call, the first JSON object in the last user
    turn, or a pattern. Default: ``tool_call``."""
    schema: dict[str, Any] = msgspec.field(default_factory=dict)
    """JSON Schema that the arguments must fit. Default: anything."""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the function is told besides: the template, the table, the path. Default: nothing."""


class TargetEntry(Entry, frozen=True, kw_only=True):
    """One thing that can serve a call."""

    kind: KindName = "model"
    """What it is. Default: ``model``."""
    provider: str = ""
    """Id of its provider; a tool has none."""
    model: str = ""
    """The provider's own name for it. Default: the target's id after the first slash."""
    tier: TierName | None = None
    """How strong it is. Default: ``tool`` for a tool; a model or agent must say, and be more."""
    capabilities: tuple[Capability, ...] | None = None
    """What it can do beyond text. Default: ``tools`` and ``streaming`` for a model,
    ``streaming`` for the rest."""
    window: Count | None = None
    """Most tokens of input and output together. Default: from the price list, else 32,768."""
    max_output: Count | None = None
    """Most tokens of output in one answer. Default: 16,384, or half the window if that is less."""
    region: str = ""
    """Where it handles data. Default: the provider's; not said satisfies no region rule."""
    sensitivity: SensitivityName = "public"
    """The most delicate data that it may see. Default: ``public``."""
    quality: Share | None = None
    """How good its answers are, 0 to 1; your estimate. Default by tier: small 0.5, mid 0.7,
    frontier 0.9, tool 1."""
    price: PriceEntry | None = None
    """Default: from the price list, by provider and model; a tool costs nothing."""
    services: ServicesEntry = ServicesEntry()
    """What other service tiers cost, against the standard. Default: as each says."""
    service_tier: ServiceName = "standard"
    """What calls get which ask for no tier, where the provider's own settings make that another
    one. Default: ``standard``."""
    first_content_s: Span | None = None
    """Seconds to the first content, assumed until measured. Default: 1; a tool's is 0."""
    token_s: Span | None = None
    """Seconds for each token after that, assumed until measured. Default: 0.02; a tool's is 0."""
    weight: Amount = 1.0
    """Share of the traffic under the ``weighted`` strategy. Default: 1."""
    skills: tuple[str, ...] = ()
    """What an agent says it is good at. Default: none."""
    fallback: tuple[str, ...] = ()
    """Target ids to try when this one was asked for by name and fails. Default: none."""
    max_concurrent: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    """Calls under way there at once; more wait, or go to the next target. Default: any."""
    limits: LimitsEntry = LimitsEntry()
    """What it takes in a minute, over all callers. Default: any, until it says so itself."""
    tool: ToolEntry | None = None
    """The function of a tool; only a tool has one."""


class KeyEntry(Entry, frozen=True, kw_only=True):
    """A credential for callers, and what it may do."""

    id: str
    """Shown on the ledger."""
    secret: str = ""
    """The credential; write ``${NAME}`` to take it from the environment."""
    tenant: str = ""
    """Whose it is. Default: nobody's in particular."""
    models: tuple[str, ...] = ()
    """Aliases and target ids that may be asked for. Default: all."""
    targets: tuple[str, ...] = ()
    """Target ids that its calls may be sent to. Default: all."""
    tiers: tuple[TierName, ...] = ()
    """Tiers whose targets its calls may be sent to. Default: all."""
    endpoints: tuple[Endpoint, ...] = ()
    """What its calls may want: ``answer``, ``count``, ``embed``, ``files`` … Default: all."""
    rights: tuple[Right, ...] = ()
    """``admin`` manages keys and the kill switch, ``metrics`` reads ``/metrics``, and ``decide``
    answers tickets and judges decisions. Default: none."""
    regions: tuple[str, ...] = ()
    """Where its data may be handled. Default: anywhere."""
    sensitivity: SensitivityName = "public"
    """How delicate its data is. Default: ``public``."""
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """What conditions read; it wins over what the caller says. Default: nothing."""
    mode: Mode | None = None
    """``observe`` only writes the decision down. Default: the file's."""
    debug: bool = False
    """May ask for verdicts in the answer's headers, and read any decision. Default: false."""
    priority: PriorityName = "interactive"
    """The highest that its calls may have, and what they have unless they ask for less.
    Default: ``interactive``."""
    budgets: BudgetsEntry = BudgetsEntry()
    """What it may spend. Default: any."""
    limits: LimitsEntry = LimitsEntry()
    """How much may come of it. Default: any."""


class File(Entry, frozen=True, kw_only=True):
    """The whole config file."""

    providers: dict[str, ProviderEntry] = msgspec.field(default_factory=dict)
    """Where targets live, by id."""
    targets: dict[str, TargetEntry]
    """What can serve a call, by id."""
    tiers: Tiers = Tiers()
    """What each tier is for."""
    aliases: dict[str, AliasEntry] = msgspec.field(default_factory=dict)
    """Names that callers may ask for. Default: ``auto``, which may go to every model."""
    rules: tuple[RuleEntry, ...] = ()
    """Tried in order; the first whose condition holds is applied. Default: none."""
    strategy: Strategy = Strategy.COST
    """How targets that can serve are ordered. Default: ``cost``."""
    percentile: Percentile = Percentile.P95
    """Which latency is planned with. Default: ``p95``."""
    relax: tuple[Limit, ...] = (Limit.LATENCY, Limit.COST, Limit.QUALITY, Limit.SUCCESS)
    """Soft limits given up when no target keeps them all, first to last. Default: latency, cost,
    quality, success."""
    success_floor: Share | None = None
    """The least chance of a target that may serve, 0 to 1: the cheapest that reaches it wins, where
    its chance is known. Default: none, and tiers decide."""
    promise: PromiseEntry | None = None
    """A target below the tier of a call takes it only where it is known that no more fail than
    this. Default: none."""
    value_usd: Amount | None = None
    """US dollars that an answer that does is worth, for the strategy ``value``. Default: none."""
    latency_usd_s: Amount = 0.0
    """US dollars that a second of waiting costs, for the strategy ``value``. Default: 0."""
    rescue: Rescue = Rescue.CONTINUE
    """What is done when a target breaks off a stream: another goes on (``continue``), the answer is
    held back until it is whole (``hold``), or the caller is told (``error``). Default:
    ``continue``."""
    escalate: Escalate = "on"
    """When an answer that is not good enough goes up a tier, and what that may cost: ``on``,
    ``off``, or a section. Default: ``on``."""
    plan_length: Annotated[int, msgspec.Meta(ge=1, le=16)] = 4
    """Targets in a plan, at most. Default: 4."""
    mode: Mode = Mode.ROUTE
    """``observe`` sends each call where it was asked to go, and only writes the decision down.
    Default: ``route``."""
    keys: tuple[KeyEntry, ...] = ()
    """Who may call. Default: anybody on this machine."""
    tenants: dict[str, TenantEntry] = msgspec.field(default_factory=dict)
    """What holds for all keys of one tenant together, by its name. Default: nothing."""
    end_users: EndUsersEntry = EndUsersEntry()
    """What holds for each end user that calls name."""
    spending: SpendingEntry = SpendingEntry()
    """How what a call may cost is reckoned before it is sent."""
    server: ServerEntry = ServerEntry()
    """How the gateway listens."""
    patience: PatienceEntry = PatienceEntry()
    """How long targets may say nothing."""
    retry: RetryEntry = RetryEntry()
    """How much is tried again."""
    breaker: BreakerEntry = BreakerEntry()
    """When a sick target is left alone."""
    ledger: LedgerEntry = LedgerEntry()
    """How the ledger is kept."""
    redis: RedisEntry = RedisEntry()
    """What nodes share that may be lost."""
    halts: HaltsEntry = HaltsEntry()
    """Where the kill switch keeps what is stopped."""
    flaws: FlawsEntry = FlawsEntry()
    """What is done about answers of no use."""
    responses: ResponsesEntry = ResponsesEntry()
    """How answers are kept for callers who go on from them."""
    passthrough: PassthroughEntry = PassthroughEntry()
    """What is passed through and not translated: files, batches, speech, pictures."""
    lanes: LanesEntry = LanesEntry()
    """How calls wait where there is not room for all."""
    tasks: TasksEntry = TasksEntry()
    """What tasks may use, and what is done about loops."""
    learning: LearningEntry = LearningEntry()
    """What is learnt from what became of calls."""
    overhead: OverheadEntry = OverheadEntry()
    """When our own stages are left out."""
    idempotency: IdempotencyEntry = IdempotencyEntry()
    """How answers are kept for calls that are sent again."""
