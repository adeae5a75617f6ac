"""``switchgear ledger``: list, export and prune the calls that were recorded."""

import csv
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup
from typing_extensions import override

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite.prune import prune as prune_file
from switchgear.cli.filter import BadFilter, moment, query_of
from switchgear.cli.remote import Readable, RemoteShelf
from switchgear.cli.shelf import ConfigOption, LedgerOption, ledger_path, open_shelf, refuse
from switchgear.cli.tree import NOTHING, date, money, shown, span
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.engine.explain import usd
from switchgear.ports.ledger import MOST_ROWS, Query

PLAIN = (
    "id at dialect stream model key tenant task agent mode end code status target cost"
    " first_content took own baseline digest endpoint bytes_in bytes_out"
)
COLUMNS = (*PLAIN.split(), "rule", "strategy", "tier", "complexity", "policy", "why")
"""Of the CSV export. Money is whole nano-dollars, spans are seconds, ``at`` is milliseconds."""


NARROWEST = 140
"""Columns that a table needs for its ids to be whole; a narrower terminal wraps the lines."""


class ListFirst(TyperGroup):
    """A group whose first command needs not be named."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` in front of what names no command."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


ledger = typer.Typer(cls=ListFirst, help="List, export and prune the calls that were recorded.")


@ledger.command("list")
def show(  # noqa: PLR0913  (each is an option of the command)
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...",
            help="key, tenant, task, target, model, code, end; since and until: a date, or 2h.",
        ),
    ] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, help="Of the table; exports have all.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Export as JSON Lines.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Export as CSV.")] = False,
    file: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """List the calls that fit, newest first; this is also done when no command is named."""
    if as_json and as_csv:
        refuse("Choose one of --json and --csv.")
    try:
        query = query_of(filters or (), SystemClock().date())
    except BadFilter as error:
        refuse(str(error))
    shelf = open_shelf(file, config)
    try:
        if as_json:
            _export_json(_all(shelf, query))
        elif as_csv:
            _export_csv(_all(shelf, query))
        else:
            _print(shelf.page(msgspec.structs.replace(query, limit=min(limit, MOST_ROWS))))
    except LedgerDown as error:
        refuse(error.message)
    finally:
        shelf.close()


@ledger.command("prune")
def prune(
    before: Annotated[str, typer.Option(help="A date, or an age such as 90d.")],
    file: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete the calls that arrived before a moment, for good."""
    try:
        until = moment(before, SystemClock().date())
        shelf = open_shelf(file, config)  # so that a mistyped path makes no new ledger
        if isinstance(shelf, RemoteShelf):
            dropped, where = shelf.prune(until), shelf.where
        else:
            path = ledger_path(file, config)
            dropped, where = prune_file(path, until), str(path)
        shelf.close()
    except (BadFilter, LedgerDown) as error:
        refuse(str(error))
    typer.echo(f"Deleted {dropped} calls from {where}.")


def _all(shelf: Readable, query: Query) -> Iterator[Entry]:
    for page in shelf.pages(msgspec.structs.replace(query, limit=MOST_ROWS)):
        yield from page


def _export_json(entries: Iterable[Entry]) -> None:
    encode = msgspec.json.Encoder().encode
    for entry in entries:
        typer.echo(encode(entry))


def _export_csv(entries: Iterable[Entry]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_harmless(value) for value in _values(entry)])


def _values(entry: Entry) -> list[Any]:
    fields = msgspec.to_builtins(entry)
    decision = fields["decision"] or {}
    own = [fields[name] for name in PLAIN.split()]
    return [*own, *[decision.get(name) for name in COLUMNS[len(own) :]]]


def _harmless(value: object) -> object:
    """Mark text that a spreadsheet would run as a formula."""
    runs = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if runs else value


def _print(entries: tuple[Entry, ...]) -> None:
    if not entries:
        typer.echo("No call fits.")
        return
    table = Table(box=None, header_style="bold")
    for name in ("date (UTC)", "id", "asked", "target", "tier", "end", "cost", "took"):
        right = name in {"cost", "took"}
        table.add_column(name, justify="right" if right else "left", no_wrap=name == "id")
    for entry in entries:
        table.add_row(*[Text(shown(cell)) for cell in _cells(entry)])
    console = Console()
    console.width = max(console.width, NARROWEST)
    console.print(table)


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        date(entry.at),
        entry.id,
        entry.model if entry.endpoint is Endpoint.ANSWER else _wanted(entry),
        entry.target or NOTHING,
        entry.decision.tier.name.lower() if entry.decision else NOTHING,
        entry.code or entry.end.value,
        money(usd(entry.cost)),
        span(entry.took),
    )


def _wanted(entry: Entry) -> str:
    """Return what was asked, where that is no answer."""
    return f"{entry.endpoint.value} {entry.model}".strip()
