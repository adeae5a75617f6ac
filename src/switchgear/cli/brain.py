"""``switchgear brain``: the versions of what was learnt, with what speaks for them."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.prior import ShippedPrior
from switchgear.cli.braintable import report_lines, table
from switchgear.cli.papers import open_store
from switchgear.cli.shelf import (
    CONFIG,
    ConfigOption,
    LedgerOption,
    carried_out,
    ledger_path,
    ledger_url,
    refuse,
)
from switchgear.config.error import ConfigError
from switchgear.config.setup import Book
from switchgear.domain.learning import Learning, Use
from switchgear.engine.policy import Policy
from switchgear.engine.policydoc import decode_policy
from switchgear.pipeline.learning.refit import Refit, RefitFailed, Refits, here
from switchgear.pipeline.learning.version import NONE, NoVersion, Version, Versions
from switchgear.ports.ledger import Ledger, Query
from switchgear.running import Running, Source, open_ledger

Found = TypeVar("Found")
WIDTH = 120
NOTHING = (
    "Nothing is learnt yet: no version was made. Versions are made from outcomes;"
    " `switchgear label` and POST /v1/outcomes give them."
)
LATER = "Running workers take it up within two seconds."

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NameArgument = Annotated[str, typer.Argument(metavar="VERSION", help="Such as v3.")]

brain = typer.Typer(no_args_is_help=True, help="Show, make and take back what was learnt.")


@brain.command("versions")
def show_all(
    *, as_json: JsonOption = False, ledger: LedgerOption = None, config: ConfigOption = None
) -> None:
    """List all versions, newest first, with how they did on calls that they had not learnt from."""
    found = _kept(ledger, config, lambda versions: versions.all())
    if as_json:
        typer.echo(json.dumps([row_of(each) for each in found], indent=2))
    elif not found:
        typer.echo(NOTHING)
    else:
        Console(width=max(Console().width, WIDTH)).print(table(found))


@brain.command("show")
def show(
    name: NameArgument,
    *,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the report of one version: what it was tried on, and why it is in force or not."""
    found = _kept(ledger, config, lambda versions: versions.find(name))
    if found is None:
        refuse(f"There is no version {name!r}; `switchgear brain versions` lists them.")
    if as_json:
        typer.echo(json.dumps(row_of(found), indent=2))
        return
    made_of = f", made beside {found.parent}" if found.parent else ""
    typer.echo(f"{found.name}  {found.state.value.replace('_', ' ')}{made_of}")
    for line in report_lines(found.report):
        typer.echo(line)


@brain.command("refit")
def refit(
    *, as_json: JsonOption = False, ledger: LedgerOption = None, config: ConfigOption = None
) -> None:
    """Learn everything anew now, and switch it on if it is better; the report says why, or why not.

    Exits with 1 where nothing was switched on.
    """
    learning, policy = _wanted(ledger, config)
    if learning.use is Use.OFF:
        refuse("The config says learning.use: off, so nothing is to be learnt.")
    done = carried_out(_refit(ledger, config, (learning, policy)))
    if as_json:
        version = done.name or None
        typer.echo(json.dumps({"version": version, "report": _plain(done.report)}, indent=2))
    else:
        state = "is in force" if done.report.switched and done.name else "was not switched on"
        typer.echo(f"{done.name or 'No version was made: it'} {state}.")
        for line in report_lines(done.report):
            typer.echo(line)
    if not (done.report.switched and done.name):
        raise typer.Exit(1)


@brain.command("rollback")
def rollback(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[VERSION]", help=f"What to go back to; {NONE} for nothing learnt at all."
        ),
    ] = "",
    *,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Put an earlier version in force again; without a name, the one before.

    What was said until now is not learnt on top of it; the next refit tries anew.
    """
    before, now = _kept(ledger, config, lambda versions: versions.roll_back(name))
    if as_json:
        typer.echo(json.dumps({"before": before or None, "now": now or None}))
        return
    now_told = f"{now} is in force again" if now else "Nothing that was learnt is in force"
    was = f" in place of {before}" if before else ""
    typer.echo(f"{now_told}{was}. {LATER}")


def row_of(version: Version) -> dict[str, Any]:
    """Return a version as JSON-able values."""
    found: dict[str, Any] = msgspec.to_builtins(version)
    return found


def _plain(report: object) -> object:
    return msgspec.to_builtins(report)


def _kept(
    ledger: Path | None, config: Path | None, work: Callable[[Versions], Awaitable[Found]]
) -> Found:
    """Return what comes of work on the versions, or exit with 2 and say why nothing does."""
    papers = open_store(ledger, config)

    async def life() -> Found:
        try:
            return await work(Versions(papers, SystemClock()))
        except (ValueError, NoVersion) as error:
            refuse(str(error))
        finally:
            await papers.aclose()

    return carried_out(life())


async def _refit(
    ledger: Path | None, config: Path | None, wanted: tuple[Learning, Policy | None]
) -> Refit:
    learning, policy = wanted
    papers = open_store(ledger, config)
    url = ledger_url(ledger, config)
    path = "" if url is not None else str(ledger_path(ledger, config))
    book = await open_ledger(Book(url=url, journal=0) if url else Book(path=path, journal=0))
    try:
        refits = Refits((book, papers), SystemClock(), here, ShippedPrior())
        policy = policy or await _policy_on(book)
        if policy is None:
            refuse("There is no decision on this ledger yet, so there is nothing to learn from.")
        done = await refits.run(learning, policy)
    except (RefitFailed, ValueError) as error:
        refuse(f"It could not be learnt anew, and what is in force stays: {error}")
    finally:
        await book.aclose()
        await papers.aclose()
    if done is None:
        refuse("Another refit is under way; what comes of it is in `switchgear brain versions`.")
    return done


def _wanted(ledger: Path | None, config: Path | None) -> tuple[Learning, Policy | None]:
    """Return what the config wants; without one, what is usual, and the ledger's policy."""
    file = config or CONFIG
    if not file.exists() or (ledger is not None and config is None):
        if config is not None:
            refuse(f"{config} cannot be read: there is no such file.")
        return Learning(), None
    try:
        setup = Running(Source.of(file)).read().setup
    except (ConfigError, OSError) as error:
        refuse(f"{file} cannot be used; `switchgear check` says why: {error}")
    return setup.learning, setup.policy


async def _policy_on(book: Ledger) -> Policy | None:
    """Return the policy of the newest decision on the ledger."""
    for each in await book.list(Query(limit=50)):
        if each.decision is not None:
            document = await book.find_policy(each.decision.policy)
            if document is not None:
                return decode_policy(document)
    return None
