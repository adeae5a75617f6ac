"""Floor 5. The command line: thin commands, each in the module of its name."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from switchgear.cli.audit import audit
from switchgear.cli.brain import brain
from switchgear.cli.budget import budgets
from switchgear.cli.check import check
from switchgear.cli.context import context
from switchgear.cli.demo import demo
from switchgear.cli.explain import explain
from switchgear.cli.faultd import faultd
from switchgear.cli.halt import halt, halts, resume
from switchgear.cli.init import init
from switchgear.cli.key import keys
from switchgear.cli.label import label
from switchgear.cli.ledger import ledger
from switchgear.cli.outcome import outcomes
from switchgear.cli.rehearse import play
from switchgear.cli.replay import replay
from switchgear.cli.route import route
from switchgear.cli.schema import schema
from switchgear.cli.serve import serve
from switchgear.cli.stats import stats
from switchgear.cli.task import tasks
from switchgear.cli.ticket import tickets
from switchgear.cli.wire import wires

Command = Callable[..., None] | typer.Typer
"""A function is a command; a typer app is a group of commands."""

COMMANDS: tuple[tuple[str, Command], ...] = (
    ("init", init),
    ("check", check),
    ("schema", schema),
    ("serve", serve),
    ("keys", keys),
    ("halt", halt),
    ("halts", halts),
    ("resume", resume),
    ("tasks", tasks),
    ("stats", stats),
    ("tickets", tickets),
    ("context", context),
    ("demo", demo),
    ("route", route),
    ("wires", wires),
    ("ledger", ledger),
    ("explain", explain),
    ("replay", replay),
    ("audit", audit),
    ("label", label),
    ("outcomes", outcomes),
    ("budgets", budgets),
    ("brain", brain),
    ("faultd", faultd),
    ("rehearse", play),
)
"""Every command, in the order of the help."""


def assemble() -> typer.Typer:
    """Return the whole command line."""
    line = typer.Typer(
        name="switchgear",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    line.callback()(_top)  # so that a single command would still be named
    for name, command in COMMANDS:
        if isinstance(command, typer.Typer):
            line.add_typer(command, name=name)
        else:
            line.command(name)(command)
    return line


def main() -> None:
    """Run the command that the arguments name."""
    assemble()()


def _tell_version(asked: bool) -> None:  # noqa: FBT001  (the form of a typer callback)
    if asked:
        typer.echo(f"switchgear {version('switchgear')}")
        raise typer.Exit


def _top(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_tell_version, help="Say which release this is."
        ),
    ] = False,
) -> None:
    """Route, protect, meter and explain every call of an AI agent."""
