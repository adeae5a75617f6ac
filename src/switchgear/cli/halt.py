"""``switchgear halt``, ``halts`` and ``resume``: the kill switch, by hand, at the machine.

They write one file, which every gateway of the machine looks at: no server need run, no database
need be there, and where the file is named outright, no config need be good.
"""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.halts.file import FileBoard
from switchgear.cli.serve import DEFAULT
from switchgear.cli.tree import date
from switchgear.config.error import ConfigError
from switchgear.config.setup import Setup
from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.halt import Halt, Halted
from switchgear.engine.halt import Halts, merged, room, said
from switchgear.pipeline.killswitch import told
from switchgear.running import Running, Source

KindArgument = Annotated[
    Halted, typer.Argument(metavar="everything|tenant|key|agent|target", help="What to stop.")
]
NameArgument = Annotated[str, typer.Argument(help="Its name; none for everything.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The config file; by default switchgear.yaml."),
]
FileOption = Annotated[
    Path | None, typer.Option("--file", help="The file of halts; then no config is read.")
]
TenantOption = Annotated[
    str, typer.Option("--tenant", help="Only what concerns the calls of this tenant.")
]


def halt(  # noqa: PLR0913  (each is an option of the command)
    kind: KindArgument,
    name: NameArgument = "",
    *,
    note: Annotated[str, typer.Option(help="Why; it is logged and listed.")] = "",
    tenant: TenantOption = "",
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """Stop everything, or one tenant, key, agent or target, within a second.

    Calls under way end with an error, and nothing more goes upstream until `switchgear resume`.
    """
    board, setup = _board(file, config)
    _check(kind, name)
    known = _posted(board, stopping=True)
    if not room(known):
        raise _refused("Too many halts are set; let some go first, or stop everything.")
    wanted = Halt(kind=kind, name=name, note=note, tenant=tenant)
    _post(board, said(known, wanted, SystemClock().date()))
    typer.echo(f"{told(wanted)} is stopped: {board.path}")
    if setup is not None and not _declared(setup, kind, name):
        typer.echo(f"Note that the config file knows no {kind.value} {name!r}.", err=True)


def resume(
    kind: KindArgument,
    name: NameArgument = "",
    *,
    tenant: TenantOption = "",
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """Let go again what was stopped, whoever stopped it."""
    board, _ = _board(file, config)
    _check(kind, name)
    known = _posted(board)
    found = [
        each
        for each in known.values()
        if each.on and (each.kind, each.name) == (kind, name) and tenant in {"", each.tenant}
    ]
    if not found:
        raise _refused(f"{told(Halt(kind=kind, name=name, tenant=tenant))} is not stopped.")
    now = SystemClock().date()
    for each in found:
        lifted = msgspec.structs.replace(each, on=False, by="", note="")
        _post(board, said(known, lifted, now))
        typer.echo(f"{told(each)} may go on: {board.path}")


def halts(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """List what is stopped."""
    board, _ = _board(file, config)
    found = sorted(
        (each for each in _posted(board).values() if each.on),
        key=lambda each: (-each.at, each.kind.value, each.name),
    )
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))
    elif not found:
        typer.echo(f"Nothing is stopped: {board.path}")
    else:
        Console().print(_table(found))


def _table(found: list[Halt]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("stopped", "since", "by", "why"):
        table.add_column(column)
    for each in found:
        table.add_row(
            Text(told(each)), date(each.at), Text(each.by or "the owner"), Text(each.note)
        )
    return table


def _board(file: Path | None, config: Path | None) -> tuple[FileBoard, Setup | None]:
    if file is not None:
        return FileBoard(file), None
    source = config or (DEFAULT if DEFAULT.exists() else None)
    try:
        setup = Running(Source.of(source)).read().setup
    except (ConfigError, OSError):
        raise _refused(
            f"{source or 'The config'} cannot be read. Name the file of halts by --file."
        ) from None
    if not setup.halts:
        raise _refused("This config has no file of halts: set halts.path, or name it by --file.")
    return FileBoard(Path(setup.halts)), setup


def _check(kind: Halted, name: str) -> None:
    if kind is Halted.EVERYTHING and name:
        raise _refused("Everything has no name.")
    if kind is not Halted.EVERYTHING and not name:
        raise _refused(f"Say which {kind.value}.")


def _posted(board: FileBoard, *, stopping: bool = False) -> Halts:
    """Return what is posted; who stops something is not held up by a file that is broken."""
    try:
        return merged({}, board.look() or ())
    except HaltsUnknown as error:
        if not stopping:
            raise _refused(error.message) from None
        typer.echo(f"{error.message} It is put aside, and a new one begun.", err=True)
        return {}


def _post(board: FileBoard, wanted: Halt) -> None:
    try:
        board.write((wanted,))
    except HaltsUnknown as error:
        raise _refused(error.message) from None


def _declared(setup: Setup, kind: Halted, name: str) -> bool:
    keys = [record.key for record in setup.keys]
    match kind:
        case Halted.TENANT:
            return name in setup.tenants or any(each.tenant == name for each in keys)
        case Halted.KEY:
            return any(each.id == name for each in keys)
        case Halted.TARGET:
            return any(each.id == name for each in setup.policy.targets)
    return True


def _refused(why: str) -> typer.Exit:
    typer.echo(why, err=True)
    return typer.Exit(1)
