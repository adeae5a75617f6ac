"""``switchgear keys``: make, list, rotate and revoke keys, with or without a gateway that runs."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.keyrings.memory import MemoryKeyring
from switchgear.adapters.keyrings.sqlite import SqliteKeyring
from switchgear.cli.grant import new_grant
from switchgear.cli.shelf import (
    CONFIG,
    ConfigOption,
    LedgerOption,
    carried_out,
    ledger_path,
    refuse,
)
from switchgear.cli.tree import NOTHING, date
from switchgear.config.error import ConfigError
from switchgear.config.setup import KeyRecord
from switchgear.domain.secret import Secret
from switchgear.engine.policy import Policy
from switchgear.pipeline.locksmith import Locksmith
from switchgear.pipeline.ring import Ring
from switchgear.ports.keyring import Keyring, Shown
from switchgear.running import Running, Source, open_keyring
from switchgear.surfaces.http.admin.key import told_of

Found = TypeVar("Found")
Names = list[str] | None
NameArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the key.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ONCE = "It is shown this once, and kept nowhere:"

keys = typer.Typer(no_args_is_help=True, help="Make, list, rotate and revoke keys.")


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Where keys are kept, and what is known beside them."""

    keyring: Keyring
    declared: tuple[KeyRecord, ...] = ()
    policy: Policy | None = None


@keys.command("create")
def create(  # noqa: PLR0913  (each is an option of the command)
    name: Annotated[str, typer.Argument(metavar="[ID]", help="By default one is drawn.")] = "",
    *,
    tenant: Annotated[str | None, typer.Option(help="Whose it is.")] = None,
    model: Annotated[Names, typer.Option(help="An alias or target that may be asked for.")] = None,
    target: Annotated[Names, typer.Option(help="A target that calls may be sent to.")] = None,
    tier: Annotated[Names, typer.Option(help="A tier that calls may be sent to.")] = None,
    endpoint: Annotated[Names, typer.Option(help="answer, count, embed, files …")] = None,
    right: Annotated[Names, typer.Option(help="admin, metrics, decide.")] = None,
    region: Annotated[Names, typer.Option(help="Where its data may be handled.")] = None,
    sensitivity: Annotated[str | None, typer.Option(help="How delicate its data is.")] = None,
    metadata: Annotated[Names, typer.Option(help="NAME=VALUE, read by conditions.")] = None,
    mode: Annotated[str | None, typer.Option(help="route or observe.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="May see verdicts.")] = False,
    priority: Annotated[str | None, typer.Option(help="interactive, standard or batch.")] = None,
    budget: Annotated[Names, typer.Option(help="Such as day:usd=5 or month:tokens=1000.")] = None,
    limit: Annotated[Names, typer.Option(help="Such as requests_per_minute=60.")] = None,
    until: Annotated[str | None, typer.Option(help="A date, or a span such as 90d.")] = None,
    parent: Annotated[str, typer.Option(help="The key that it may never do more than.")] = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a key, and print its secret once.

    What is not said is not limited; with --parent, it is as that key has it.
    """
    said: dict[str, object] = {
        "id": name,
        "tenant": tenant,
        "models": model,
        "targets": target,
        "tiers": tier,
        "endpoints": endpoint,
        "rights": right,
        "regions": region,
        "sensitivity": sensitivity,
        "metadata": metadata,
        "mode": mode,
        "debug": debug,
        "priority": priority,
        "budgets": budget,
        "limits": limit,
        "until": until,
    }
    grant = new_grant(said, SystemClock().date())
    bench = _bench(ledger, config, making=True)
    shown, secret = _done(bench, lambda smith: smith.make(grant, None, parent))
    _tell(shown, "made", secret, as_json=as_json)


@keys.command("list")
def show_all(
    *, as_json: JsonOption = False, ledger: LedgerOption = None, config: ConfigOption = None
) -> None:
    """List all keys, those of the config first."""
    found = _done(_bench(ledger, config), lambda smith: smith.all(None))
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(told_of(each)) for each in found], indent=2))
    elif not found:
        typer.echo("There are no keys.")
    else:
        Console(width=max(Console().width, 100)).print(_table(list(found)))


@keys.command("show")
def show(name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None) -> None:
    """Print one key as JSON: what was written for it, and what it may do in the end."""
    found = _done(_bench(ledger, config), lambda smith: smith.find(name, None))
    typer.echo(json.dumps(msgspec.to_builtins(told_of(found)), indent=2))


@keys.command("rotate")
def rotate(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a key a second secret; both are good until `promote` or `rollback`."""
    bench = _bench(ledger, config)
    shown, secret = _done(bench, lambda smith: smith.rotate(name, None))
    _tell(shown, "given a second secret", secret, as_json=as_json)


@keys.command("promote")
def promote(
    name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None
) -> None:
    """Drop the old secret of a key that was rotated."""
    shown = _done(_bench(ledger, config), lambda smith: smith.promote(name, None))
    _tell(shown, "left with its new secret")


@keys.command("rollback")
def rollback(
    name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None
) -> None:
    """Drop the new secret of a key that was rotated."""
    shown = _done(_bench(ledger, config), lambda smith: smith.rollback(name, None))
    _tell(shown, "left with its old secret")


@keys.command("revoke")
def revoke(name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None) -> None:
    """End a key, and all that were made with it, for good."""
    shown = _done(_bench(ledger, config), lambda smith: smith.revoke(name, None))
    _tell(shown, "revoked, and all that were made with it")


def _bench(ledger: Path | None, config: Path | None, *, making: bool = False) -> Bench:
    """Return where the keys are; a file that is not there is only made for the first key."""
    if ledger is not None:
        return Bench(keyring=_filed(ledger, making=making))
    file = config or (CONFIG if CONFIG.exists() else None)
    if file is None:
        return Bench(keyring=_filed(ledger_path(None, None), making=making))
    try:
        setup = Running(Source.of(file)).read().setup
    except (ConfigError, OSError) as error:
        path = ledger_path(None, file)  # which needs no more of the config than this one value
        why = error.errors[0].told if isinstance(error, ConfigError) else error.strerror
        typer.echo(f"{file} is not good ({why}); only the keys of {path} are known.", err=True)
        return Bench(keyring=_filed(path, making=making))
    keyring = open_keyring(setup.ledger)
    if isinstance(keyring, MemoryKeyring):
        refuse(f"{file} keeps its ledger in memory, where no other process finds a key.")
    return Bench(keyring=keyring, declared=setup.keys, policy=setup.policy)


def _filed(path: Path, *, making: bool) -> Keyring:
    if not (making or path.exists()):
        refuse(f"There is no ledger {path}; `switchgear serve` or `keys create` makes one.")
    return SqliteKeyring(path)


def _done(bench: Bench, work: Callable[[Locksmith], Awaitable[Found]]) -> Found:
    """Do something with the keys, or exit and say why not."""

    async def life() -> Found:
        ring = Ring(bench.keyring)
        ring.declare(bench.declared)
        smith = Locksmith(ring, bench.keyring, SystemClock(), SystemChance(), policy=bench.policy)
        try:
            return await work(smith)
        finally:
            await bench.keyring.aclose()

    return carried_out(life())


def _tell(shown: Shown, deed: str, secret: Secret | None = None, *, as_json: bool = False) -> None:
    name = shown.key.id
    if as_json:
        words = told_of(shown)
        if secret is not None:
            words["secret"] = secret.reveal()
        typer.echo(json.dumps(msgspec.to_builtins(words), indent=2))
        return
    typer.echo(f"The key {name} is {deed}.", err=secret is not None)
    if secret is not None:
        typer.echo(ONCE, err=True)
        typer.echo(secret.reveal())


def _table(found: list[Shown]) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("id", "tenant", "made by", "rights", "secrets end in", "made (UTC)", "state"):
        table.add_column(name)
    for each in found:
        table.add_row(*[Text(cell) for cell in _cells(each)])
    return table


def _cells(shown: Shown) -> tuple[str, ...]:
    key, kept = shown.effective or shown.key, shown.kept
    return (
        key.id,
        key.tenant or NOTHING,
        key.parent or ("the config" if kept is None else NOTHING),
        ", ".join(sorted(each.value for each in key.rights)) or NOTHING,
        ", ".join(f"…{each}" for each in kept.hint) if kept else NOTHING,
        date(kept.made) if kept else NOTHING,
        _state(shown),
    )


def _state(shown: Shown) -> str:
    if shown.why:
        return shown.why
    if shown.effective is not None and shown.effective.until is not None:
        over = shown.effective.until <= SystemClock().date()
        return f"{'ended' if over else 'good until'} {date(shown.effective.until)}"
    rotating = shown.kept is not None and len(shown.kept.digests) > 1
    return "rotating: two secrets" if rotating else "good"
