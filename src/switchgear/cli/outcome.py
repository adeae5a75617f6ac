"""``switchgear outcomes``: read what became of decisions from a file, and list it."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.cli.intake import BadFile, Line, read_lines
from switchgear.cli.judgement import verdict_of, words_of
from switchgear.cli.pen import Pen, open_pen, with_pen
from switchgear.cli.shelf import ConfigOption, LedgerOption, refuse
from switchgear.cli.tree import NOTHING, date, shown
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown, SwitchgearError
from switchgear.domain.outcome import Outcome, Source
from switchgear.engine.outcome import Tiers, answerer, label_of
from switchgear.engine.saying import Saying, content_of, name_of, read_saying
from switchgear.engine.spoken import judged
from switchgear.ports.papers import MOST_FOUND, PaperKind, Sought

STANDARD = "-"
MOST_TOLD = 20
"""Lines that are wrong and told of one by one."""
WIDTH = 130
KEPT, REPEATED, WRONG = "kept", "there already", "wrong"

outcomes = typer.Typer(no_args_is_help=True, help="Import and list what became of decisions.")


@outcomes.command("import")
def read_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or JSONL; - for JSONL in.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every line, and keep nothing.")
    ] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Keep what each line says; the columns are the fields of POST /v1/outcomes.

    A line that is wrong is told of and left out. A file that is read twice changes nothing. The
    exit code is 1 if any line was wrong.
    """
    counts: Counter[str] = Counter()

    def work(pen: Pen) -> None:
        with ExitStack() as stack:
            source = sys.stdin.buffer if str(file) == STANDARD else stack.enter_context(_open(file))
            for line in read_lines(source, csv_too=file.suffix.lower() == ".csv"):
                counts[_taken(pen, line, counts[WRONG], dry_run=dry_run)] += 1

    try:  # after a loss of power the file is simply read again, so nobody waits for the disk
        with_pen(open_pen(ledger, config, durable=False), work)
    except (BadFile, LedgerDown) as error:
        typer.echo(_summed(counts, dry_run=dry_run))
        refuse(getattr(error, "message", str(error)))
    typer.echo(_summed(counts, dry_run=dry_run))
    if counts[WRONG]:
        raise typer.Exit(1)


@outcomes.command("list")
def show_all(
    *,
    source: Annotated[str, typer.Option(help="user, human, label, eval, import, retry …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_FOUND, help="Decisions.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line for each.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """List what was said, that of the newest decisions first."""
    known = [each.value for each in Source]
    if source not in {"", *known}:
        refuse(f"There is no source {source}; there are {', '.join(known)}.")
    show = _in_json if as_json else _in_table
    try:
        with_pen(open_pen(ledger, config), lambda pen: show(_found(pen, source, limit)))
    except SwitchgearError as error:
        refuse(error.message)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of which something was said."""

    entry: Entry
    said: tuple[Outcome, ...]
    tiers: Tiers


def _found(pen: Pen, source: str, limit: int) -> Iterator[Found]:
    for paper, said in pen.page(Sought(kind=PaperKind.OUTCOME, limit=limit)):
        entry = pen.shelf.find(paper.id)
        if entry is not None and (not source or any(it.source.value == source for it in said)):
            yield Found(entry=entry, said=said, tiers=pen.tiers(entry))


def _in_json(found: Iterator[Found]) -> None:
    for each in found:
        told = judged(each.said, each.entry, each.tiers)
        typer.echo(json.dumps({"decision": each.entry.id, **told}))


def _in_table(found: Iterator[Found]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("decision", "said (UTC)", "target", "what was said", "the decision's label"):
        table.add_column(name, no_wrap=name in {"decision", "said (UTC)"})
    for each in found:
        comes_to = verdict_of(label_of(each.said, each.entry, each.tiers))
        for it in each.said:
            target = it.target or answerer(each.entry) or NOTHING
            cells = (each.entry.id, date(it.at), target, words_of(it), comes_to)
            table.add_row(*[Text(shown(cell)) for cell in cells])
    if not table.row_count:
        typer.echo("Nothing of that kind was said yet.")
        return
    Console(width=max(Console().width, WIDTH)).print(table)


def _taken(pen: Pen, line: Line, wrong: int, *, dry_run: bool) -> str:
    """Take one line; return what became of it."""
    try:
        saying = _saying(line)
        if dry_run:
            pen.check(saying)
            return KEPT
        return REPEATED if pen.say(saying).repeated else KEPT
    except LedgerDown:
        raise
    except SwitchgearError as error:
        if wrong < MOST_TOLD:
            typer.echo(f"line {line.number}: {error.message}", err=True)
        elif wrong == MOST_TOLD:
            typer.echo("Further lines that are wrong are only counted.", err=True)
        return WRONG


def _saying(line: Line) -> Saying:
    """Return what a line says; without an id it has one that a second reading finds again."""
    line.check()
    values = {"source": Source.IMPORT.value, **line.values}
    saying = read_saying(values, strict=line.strict)
    if saying.id is not None:
        return saying
    name = name_of(content_of(saying), saying.source, "")
    return msgspec.structs.replace(saying, id=f"import-{name}")


def _summed(counts: Counter[str], *, dry_run: bool) -> str:
    if dry_run:
        return f"{counts.total()} lines: {counts[KEPT]} could be kept, {counts[WRONG]} wrong."
    parts = ", ".join(f"{counts[each]} {each}" for each in (KEPT, REPEATED, WRONG))
    return f"{counts.total()} lines: {parts}."


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}.") from None
