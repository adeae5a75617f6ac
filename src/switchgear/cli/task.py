"""``switchgear tasks``: list, open, raise, pause and stop tasks, with or without a gateway."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console

from switchgear.cli.grant import AHEAD, SPANS
from switchgear.cli.shelf import ConfigOption, LedgerOption, carried_out, refuse
from switchgear.cli.tasktable import branches, table
from switchgear.cli.workbench import Bench, open_bench
from switchgear.config.opening import Amendment, CapsForm, Opening
from switchgear.domain.task import Status, Task
from switchgear.domain.view import View, Wanted
from switchgear.engine.handling import Verb
from switchgear.engine.task import looks_minted
from switchgear.surfaces.http.task import row_of, told_of

Found = TypeVar("Found")
Names = list[str] | None
MOST_LISTED = 500
WIDTH = 110
DONE = {
    Verb.PAUSE: "paused",
    Verb.RESUME: "running again",
    Verb.STOP: "stopped",
    Verb.DONE: "done",
}

NameArgument = Annotated[str, typer.Argument(metavar="TASK", help="Its id, or its name.")]
NoteOption = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DeadlineOption = Annotated[str, typer.Option(help="A date, or a span such as 2h.")]
CapOption = Annotated[
    Names, typer.Option(help="steps, depth, fan_out, tokens, usd, wall_s, at_cap; as usd=2.5.")
]

tasks = typer.Typer(invoke_without_command=True, help="List, open, change and halt tasks.")


@tasks.callback()
def show_all(  # noqa: PLR0913  (each is an option of the command)
    context: typer.Context,
    *,
    status: Annotated[str, typer.Option(help="running, paused, stopped or done.")] = "",
    agent: Annotated[str, typer.Option(help="Only those that this agent works on.")] = "",
    parent: Annotated[str, typer.Option(help="Only the children of this one, by its id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED)] = 50,
    as_tree: Annotated[bool, typer.Option("--tree", help="Below their parents.")] = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """List tasks, newest first; or do something with one, by a command."""
    if context.invoked_subcommand is None:
        wanted = Wanted(status=_status(status), agent=agent, parent=parent, limit=limit)
        _print(open_bench(ledger, config), wanted, as_tree=as_tree, as_json=as_json)


@tasks.command("list")
def show_list(
    *,
    status: Annotated[str, typer.Option(help="running, paused, stopped or done.")] = "",
    as_tree: Annotated[bool, typer.Option("--tree", help="Below their parents.")] = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """List tasks, newest first, as `switchgear tasks` alone does."""
    wanted = Wanted(status=_status(status))
    _print(open_bench(ledger, config), wanted, as_tree=as_tree, as_json=as_json)


@tasks.command("show")
def show(
    name: NameArgument,
    *,
    history: Annotated[bool, typer.Option("--history", help="What was done to it.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Print one task as JSON: how it stands, why, and what is left of its caps."""

    async def look(bench: Bench) -> object:
        task = await _id_of(bench, name)
        if not history:
            return told_of(await bench.desk.view(task, None))
        notes = await bench.desk.history(task, None)
        return [
            {"revision": it.revision, "at": it.at, "deed": msgspec.json.decode(it.body)}
            for it in notes
        ]

    found = _done(open_bench(ledger, config), look)
    typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))


@tasks.command("open")
def make(  # noqa: PLR0913  (each is an option of the command)
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="What its calls will say.")] = "",
    *,
    key: Annotated[str, typer.Option(help="The key whose calls belong to it, by its id.")] = "",
    goal: Annotated[str, typer.Option(help="What it is for.")] = "",
    agent: Annotated[str, typer.Option(help="Who works on it.")] = "",
    parent: Annotated[str, typer.Option(help="The task that it is part of.")] = "",
    cap: CapOption = None,
    deadline: DeadlineOption = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Open a task for the calls of a key; without one, for those of an open server."""
    said = {"name": name, "goal": goal, "agent": agent, "caps": _caps(cap), **_ahead(deadline)}
    opening = _form(said, Opening)

    async def do(bench: Bench) -> View:
        above = await _id_of(bench, parent) if parent else ""
        whole = msgspec.structs.replace(opening, parent=above)
        view, _ = await bench.desk.open(whole, None, whose=await bench.key(key))
        return view

    _tell(_done(open_bench(ledger, config), do), "open", as_json=as_json)


@tasks.command("raise")
def change(  # noqa: PLR0913  (each is an option of the command)
    name: NameArgument,
    *,
    cap: CapOption = None,
    deadline: DeadlineOption = "",
    goal: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Raise or lower caps; a task that came to one goes on when that is raised."""
    said = {"caps": _caps(cap), **_ahead(deadline), **({"goal": goal} if goal else {})}
    amendment = _form(said, Amendment)

    async def do(bench: Bench) -> View:
        return await bench.desk.amend(await _id_of(bench, name), amendment, None)

    view = _done(open_bench(ledger, config), do)
    _tell(view, f"changed, and {view.task.status.value}", as_json=as_json)


@tasks.command("pause")
def pause(
    name: NameArgument,
    *,
    note: NoteOption = "",
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Refuse its calls until it is resumed; those under way end in peace."""
    _act(name, Verb.PAUSE, note, open_bench(ledger, config))


@tasks.command("resume")
def resume(name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None) -> None:
    """Let it go on, whoever paused or stopped it."""
    _act(name, Verb.RESUME, "", open_bench(ledger, config))


@tasks.command("stop")
def stop(
    name: NameArgument,
    *,
    note: NoteOption = "",
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Refuse its calls for good, and cut those under way."""
    _act(name, Verb.STOP, note, open_bench(ledger, config))


@tasks.command("done")
def close(name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None) -> None:
    """Close it; a call of that name begins it anew, its caps whole again."""
    _act(name, Verb.DONE, "", open_bench(ledger, config))


def _print(bench: Bench, wanted: Wanted, *, as_tree: bool, as_json: bool) -> None:
    found, more = _done(bench, lambda bench: bench.desk.list(wanted, None))
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(row_of(each)) for each in found], indent=2))
    elif not found:
        typer.echo("There are no such tasks.")
    else:
        shown = branches(found) if as_tree else table(found)
        Console(width=max(Console().width, WIDTH)).print(shown)
    if more:
        typer.echo(f"There are more; --limit shows up to {MOST_LISTED}.", err=True)


def _status(said: str) -> Status | None:
    if said not in {"", *[each.value for each in Status]}:
        refuse(f"There is no status {said}; use {', '.join(each.value for each in Status)}.")
    return Status(said) if said else None


def _act(name: str, verb: Verb, note: str, bench: Bench) -> None:
    async def do(bench: Bench) -> View:
        return await bench.desk.act(await _id_of(bench, name), verb, None, note)

    _tell(_done(bench, do), DONE[verb])


def _done(bench: Bench, work: Callable[[Bench], Awaitable[Found]]) -> Found:
    """Do something with the tasks, or exit and say why not."""

    async def life() -> Found:
        try:
            return await work(bench)
        finally:
            await bench.aclose()

    return carried_out(life())


async def _id_of(bench: Bench, name: str) -> str:
    """Return the id of a task by its id, or by a name that only one has."""
    if looks_minted(name):
        return name
    found, more = await bench.desk.list(Wanted(limit=MOST_LISTED), None)
    fit = [each for each in found if each.name == name]
    if not fit:
        where = f" among the newest {MOST_LISTED}; give its id" if more else ""
        refuse(f"No task goes by {name!r}{where}.")
    if len(fit) > 1:
        refuse(f"{len(fit)} tasks go by that name; say which by its id:\n{_lines(fit)}")
    return fit[0].id


def _lines(found: Sequence[Task]) -> str:
    return "\n".join(f"  {each.id}  of the key {each.key or '(none)'}" for each in found)


def _tell(view: View, what: str, *, as_json: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(told_of(view)), indent=2))
        return
    name = f" ({view.task.name})" if view.task.name else ""
    typer.echo(f"The task {view.task.id}{name} is {what}.")


def _caps(said: Names) -> object:
    words = dict(each.partition("=")[::2] for each in said or ())
    try:
        return msgspec.convert(words, CapsForm, strict=False)
    except msgspec.ValidationError as error:
        refuse(f"--cap: {str(error).replace('`', '')}; such as steps=40, usd=2.5, wall_s=600.")


def _ahead(deadline: str) -> dict[str, object]:
    ahead = AHEAD.fullmatch(deadline)
    if ahead is not None:
        return {"deadline_s": int(ahead[1]) * SPANS[ahead[2]] / 1000}
    return {"deadline": deadline} if deadline else {}


Form = TypeVar("Form", Opening, Amendment)


def _form(said: dict[str, object], shape: type[Form]) -> Form:
    try:
        return msgspec.convert({**said, "caps": said["caps"]}, shape)
    except msgspec.ValidationError as error:
        refuse(str(error).replace("`", ""))
