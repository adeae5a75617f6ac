"""``switchgear label``: mark decisions from the terminal, one by one or by their ids."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from switchgear.adapters.clock import SystemClock
from switchgear.cli.filter import BadFilter, moment
from switchgear.cli.judgement import card, verdict_of
from switchgear.cli.pen import Pen, open_pen, with_pen
from switchgear.cli.shelf import ConfigOption, LedgerOption, refuse
from switchgear.domain.entry import Entry
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.outcome import IMPLICIT, Fitness, Source
from switchgear.domain.units import UnixMs
from switchgear.engine.flaw import route_of
from switchgear.engine.saying import Saying, read_saying
from switchgear.pipeline.learning.outcome import Told, check_judgeable
from switchgear.ports.ledger import Query

LAST = "last"
PAGE = 200
MOST_LOOKED = 100_000
"""Decisions that are looked through for those that fit."""
KEYS = {
    "g": Fitness.GOOD_FIT,
    "u": Fitness.UNDERPOWERED,
    "o": Fitness.OVERPROVISIONED,
    "f": Fitness.FAILED,
}
PROMPT = "[g]ood fit  [u]nderpowered  [o]verprovisioned  [f]ailed  [s]kip  [q]uit"
SKIP = "s"
QUIT = frozenset({"q", "", "\x03", "\x04", "\x1b"})
"""The end of what is typed, too."""

TextOption = Annotated[str, typer.Option()]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions are walked through."""

    route: str = ""
    agent: str = ""
    since: UnixMs | None = None
    unlabelled: bool = False
    limit: int


def label(  # noqa: PLR0913  (each is an option of the command)
    decision: Annotated[
        str, typer.Argument(metavar="ID", help="A decision, or: last. Without one, walk.")
    ] = "",
    *,
    verdict: Annotated[
        str, typer.Option(help="good_fit, underpowered, overprovisioned or failed.")
    ] = "",
    override: Annotated[str, typer.Option(help="The target that you would have chosen.")] = "",
    score: Annotated[float | None, typer.Option(help="How good the answer was, 0 to 1.")] = None,
    tool: Annotated[str, typer.Option(help="right or wrong: the tool that it called.")] = "",
    route: Annotated[
        str, typer.Option("--route", "--model", help="Only what was asked for under this name.")
    ] = "",
    agent: Annotated[str, typer.Option(help="Only calls of this agent.")] = "",
    since: Annotated[str, typer.Option(help="A date, or an age such as 2h.")] = "",
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="Only those of which nobody said anything.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Decisions to walk through.")] = 50,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Say how decisions did: walk through the newest, a key for each, or name one."""
    said = {"verdict": verdict, "override": override, "score": score, "tool": tool}
    given: dict[str, object] = {
        name: value for name, value in said.items() if value not in {"", None}
    }
    if given and not decision:
        refuse("Say which decision: switchgear label ID --verdict good_fit.")
    wanted = Wanted(
        route=route, agent=agent, since=_since(since), unlabelled=unlabelled, limit=limit
    )
    pen = open_pen(ledger, config)
    try:
        if given:
            with_pen(pen, lambda it: _mark(it, decision, given))
        elif decision:
            with_pen(pen, lambda it: _ask(it, [_found(it, decision)]))
        else:
            with_pen(pen, lambda it: _ask(it, walk(it, wanted)))
    except SwitchgearError as error:
        refuse(error.message)


def walk(pen: Pen, wanted: Wanted) -> Iterator[Entry]:
    """Yield the newest decisions that fit and can be judged, with their bodies if those are kept.

    Raises:
        LedgerDown: they cannot be read.
    """
    query = Query(model=wanted.route.partition(", rule ")[0], since=wanted.since, limit=PAGE)
    looked = found = 0
    for page in pen.shelf.pages(query):
        for entry in page:
            if _fits(pen, entry, wanted):
                yield pen.entry(entry.id)
                found += 1
            if found == wanted.limit:
                return
        looked += len(page)
        if looked >= MOST_LOOKED:
            return


def _fits(pen: Pen, entry: Entry, wanted: Wanted) -> bool:
    rule = "" if entry.decision is None else entry.decision.rule
    if wanted.route not in {"", entry.model, route_of(entry.model, rule)}:
        return False
    if wanted.agent not in {"", entry.agent} or not _judgeable(entry):
        return False
    return not (wanted.unlabelled and any(it.source not in IMPLICIT for it in pen.of(entry.id)))


def _judgeable(entry: Entry) -> bool:
    try:
        check_judgeable(entry)
    except SwitchgearError:
        return False
    return True


def _mark(pen: Pen, decision: str, given: dict[str, object]) -> None:
    entry = _found(pen, decision)
    told = pen.say(read_saying({"decision": entry.id, "source": Source.LABEL.value, **given}))
    typer.echo(_in_words(told))


def _ask(pen: Pen, entries: Iterator[Entry] | list[Entry]) -> None:
    """Show one after the other, and keep what is typed."""
    counts: Counter[str] = Counter()
    console = Console()
    for entry in entries:
        console.print(card(entry, pen.of(entry.id), pen.tiers(entry)))
        key = _typed()
        if key in QUIT:
            break
        if key == SKIP:
            counts["skipped"] += 1
            typer.echo("  skipped\n")
            continue
        told = pen.say(Saying(decision=entry.id, verdict=KEYS[key], source=Source.LABEL))
        counts[KEYS[key].value.replace("_", " ")] += 1
        typer.echo(f"  {_in_words(told)}\n")
    if not counts:
        typer.echo("Nothing was labelled: no decision fits, or you stopped before the first.")
        return
    typer.echo("Labelled: " + ", ".join(f"{name} {count}" for name, count in counts.items()) + ".")


def _typed() -> str:
    """Return the next key that means something."""
    typer.echo(PROMPT)
    while True:
        try:
            key = typer.getchar()
        except (EOFError, KeyboardInterrupt):
            return ""
        except (OSError, ValueError):
            refuse("There is no terminal to type at; say switchgear label ID --verdict good_fit.")
        key = key.lower()
        if key in KEYS or key in QUIT or key == SKIP:
            return key


def _found(pen: Pen, decision: str) -> Entry:
    if decision != LAST:
        return pen.entry(decision)
    newest = pen.shelf.page(Query(limit=1))
    if not newest:
        refuse("The ledger is empty: no call has been made yet.")
    return pen.entry(newest[0].id)


def _in_words(told: Told) -> str:
    again = "was said before" if told.repeated else "kept"
    return f"{told.outcome.decision}: {again}; the decision's label is {verdict_of(told.label)}."


def _since(text: str) -> UnixMs | None:
    try:
        return moment(text, SystemClock().date()) if text else None
    except BadFilter as error:
        refuse(str(error))
