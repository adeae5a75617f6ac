"""The schema of a config file to what the app is built from."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from switchgear.config.aws import region_of
from switchgear.config.budget import budgets_of, rates_of
from switchgear.config.key import key_of
from switchgear.config.lane import queueing_of
from switchgear.config.learning import learning_of
from switchgear.config.policy import compile_policy, nano_of, seconds
from switchgear.config.price import nano
from switchgear.config.schema import (
    AwsEntry,
    File,
    GoogleEntry,
    PatternEntry,
    ProviderEntry,
    ToolEntry,
)
from switchgear.config.service import Service, api_version
from switchgear.config.settle import quirks_of
from switchgear.config.setup import (
    PASSED_IN,
    Aws,
    Book,
    Google,
    Keeping,
    Passthrough,
    Patience,
    Provider,
    Remembering,
    Retrying,
    Server,
    Setup,
    Spending,
    Tenant,
    Tolerance,
    ToolSource,
    ToolSpec,
)
from switchgear.config.spending import BudgetsEntry, TenantEntry
from switchgear.config.task import supervision_of
from switchgear.domain.account import Payer
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.rate import NO_BOUNDS
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.engine.allowance import Limits
from switchgear.engine.condition import compile_conditions
from switchgear.engine.temper import Temper

NO_BUDGETS = BudgetsEntry()
OPENAI = "api.openai.com"


def compile_setup(file: File, at: UnixMs) -> Setup:
    """Return what a file comes to that ``verify`` found no error in."""
    policy = compile_policy(file, at)
    return Setup(
        policy=policy,
        conditions=compile_conditions(policy.rules),
        providers={name: _provider(name, each) for name, each in file.providers.items()},
        tools={
            name: _tool(name, each.tool)
            for name, each in file.targets.items()
            if each.tool is not None
        },
        keys=tuple(key_of(each, file.mode) for each in file.keys),
        tenants={name: _tenant(name, each) for name, each in file.tenants.items()},
        user_budgets=budgets_of(Payer.USER, "", file.end_users.budgets),
        alias_budgets={
            name: budgets_of(Payer.ALIAS, name, each.budgets)
            for name, each in file.aliases.items()
            if each.budgets != NO_BUDGETS
        },
        target_rates={
            name: rates_of(each.limits)
            for name, each in file.targets.items()
            if rates_of(each.limits) != NO_BOUNDS
        },
        mode=file.mode,
        patience=_patience(file),
        temper=_temper(file),
        retry=_retry(file),
        server=_server(file),
        ledger=_book(file),
        idempotency=_keeping(file),
        passthrough=_passthrough(file),
        spending=_spending(file),
        responses=_remembering(file),
        flaws=Tolerance(after=file.flaws.after, rest=Seconds(file.flaws.rest_s)),
        lanes=queueing_of(file.lanes),
        tasks=supervision_of(file.tasks),
        learning=learning_of(file.learning),
        second=nano(file.overhead.second_usd),
        redis=Secret(file.redis.url) if file.redis.url else None,
        halts=_halts(file),
    )


def _provider(name: str, entry: ProviderEntry) -> Provider:
    dialect = entry.dialect or Dialect.OPENAI_CHAT  # ``verify`` told where it is missing
    base_url = entry.base_url.rstrip("/")
    service = entry.service or Service.PLAIN
    return Provider(
        id=name,
        dialect=dialect,
        base_url=base_url,
        service=service,
        api_version=entry.api_version or api_version(service, dialect, base_url),
        api_key=Secret(entry.api_key) if entry.api_key else None,
        google=_google(entry.google) if entry.google else Google(),
        aws=_aws(entry),
        headers=tuple((key.lower(), Secret(value)) for key, value in entry.headers.items()),
        ask_usage=entry.ask_usage is not False,
        prefill=entry.prefill or PrefillForm.PLAIN,
        quirks=quirks_of(entry),
        holds_answers=_holds(entry, dialect, service),
    )


def _google(entry: GoogleEntry) -> Google:
    return Google(service_account=entry.service_account, scopes=entry.scopes)


def _aws(entry: ProviderEntry) -> Aws:
    given = entry.aws or AwsEntry()
    return Aws(
        region=region_of(entry),
        access_key_id=given.access_key_id,
        secret_access_key=Secret(given.secret_access_key) if given.secret_access_key else None,
        session_token=Secret(given.session_token) if given.session_token else None,
        profile=given.profile,
    )


def _holds(entry: ProviderEntry, dialect: Dialect, service: Service) -> bool:
    """Whether a provider keeps answers: many that copy OpenAI's API silently do not."""
    if dialect is not Dialect.OPENAI_RESPONSES or entry.holds_answers is not None:
        return dialect is Dialect.OPENAI_RESPONSES and bool(entry.holds_answers)
    return service is Service.AZURE or urlsplit(entry.base_url).hostname == OPENAI


def _tool(target: str, entry: ToolEntry) -> ToolSpec:
    source = entry.arguments
    return ToolSpec(
        target=target,
        function=entry.function,
        source=ToolSource(pattern=source.pattern)
        if isinstance(source, PatternEntry)
        else ToolSource(tool_call=source == "tool_call", json=source == "json"),
        schema=msgspec.Raw(msgspec.json.encode(entry.schema)),
        settings=entry.settings,
    )


def _tenant(name: str, entry: TenantEntry) -> Tenant:
    return Tenant(
        budgets=budgets_of(Payer.TENANT, name, entry.budgets),
        rates=rates_of(entry.limits),
        weight=entry.weight,
    )


def _patience(file: File) -> Patience:
    entry = file.patience
    return Patience(
        connect=Seconds(entry.connect_s),
        first=Seconds(entry.first_s),
        between=Seconds(entry.between_s),
        whole=Seconds(entry.whole_s),
        call=Seconds(entry.call_s),
    )


def _temper(file: File) -> Temper:
    entry = file.breaker
    return Temper(
        failures=entry.failures,
        share=entry.share,
        answers=entry.answers,
        window=Seconds(entry.window_s),
        rest=Seconds(entry.rest_s),
        longest=Seconds(entry.longest_rest_s),
        slow_factor=entry.slow_factor,
        slow_first_content=seconds(entry.slow_first_content_s),
    )


def _retry(file: File) -> Retrying:
    entry = file.retry
    return Retrying(
        limits=Limits(share=entry.share, least=entry.least),
        longest_wait=Seconds(entry.longest_wait_s),
    )


def _keeping(file: File) -> Keeping:
    entry = file.idempotency
    return Keeping(window=Seconds(entry.window_s), most_bytes=entry.most_mb * 1_000_000)


def _remembering(file: File) -> Remembering:
    entry = file.responses
    return Remembering(
        most_bytes=entry.most_mb * 1_000_000, span=Seconds(entry.keep_h * 3600), path=entry.path
    )


def _passthrough(file: File) -> Passthrough:
    entry = file.passthrough
    named = {each: entry.target(each) for each in PASSED_IN}
    costs = {each: nano_of(entry.most_usd(each)) for each in PASSED_IN}
    return Passthrough(
        targets={each: name for each, name in named.items() if name},
        most=entry.max_body_mb * 1_000_000,
        costs={each: cost for each, cost in costs.items() if cost is not None},
    )


def _spending(file: File) -> Spending:
    entry = file.spending
    return Spending(
        margin=entry.margin,
        usual_output=None if entry.usual_output is None else Tokens(entry.usual_output),
        least_output=Tokens(entry.least_output),
    )


def _book(file: File) -> Book:
    entry = file.ledger
    return Book(
        path=entry.path,
        url=Secret(entry.url) if entry.url else None,
        durable=entry.durable,
        bodies=entry.bodies,
        journal=entry.journal_mb * 1_000_000,
        when_full=entry.when_full,
    )


def _halts(file: File) -> str:
    if file.halts.path or file.ledger.path == ":memory:":
        return file.halts.path
    return str(Path(file.ledger.path).with_name("halts.json"))


def _server(file: File) -> Server:
    entry = file.server
    return Server(
        host=entry.host,
        port=entry.port,
        max_body=entry.max_body_bytes,
        max_calls=entry.max_calls,
        header_receipt=Seconds(entry.header_receipt_s),
        body_receipt=Seconds(entry.body_receipt_s),
        reader_stall=Seconds(entry.reader_stall_s),
        drain=Seconds(entry.drain_s),
        open_metrics=entry.open_metrics,
    )
