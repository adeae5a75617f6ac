"""``switchgear wires``: print what each pair of dialects carries, changes or drops."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from switchgear.domain.dialect import Dialect
from switchgear.surfaces.http.route import ROUTES
from switchgear.wire.carriage import Carriage, Fate, carry_answers, carry_requests
from switchgear.wire.registry import TONGUES

ABSENT = "-"
WAYS = {"requests": carry_requests, "answers": carry_answers}
"""Which way things go, and what becomes of them."""

FromOption = Annotated[
    Dialect | None, typer.Option("--from", help="Only callers who speak this.", show_default=False)
]
ToOption = Annotated[
    Dialect | None, typer.Option("--to", help="Only targets that speak this.", show_default=False)
]


def wires(
    caller: FromOption = None,
    target: ToOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what each pair of dialects carries, changes or drops; nothing is sent.

    Every feature is written and read back with the code that translates calls. Where caller and
    target speak the same, bytes go through as they came, and nothing is changed.
    """
    froms = [caller] if caller else callers()
    tos = [target] if target else list(TONGUES)
    if as_json:
        typer.echo(json.dumps(list(records(froms, tos)), indent=2, ensure_ascii=False))
        return
    console = Console()
    for way in WAYS:
        for each in froms:
            shown = Table(title=title(way, each), title_justify="left")
            head, *rows = grid(way, each, tos)
            for name in head:
                shown.add_column(name, overflow="fold")
            for row in rows:
                shown.add_row(*row)
            console.print(shown)


def callers() -> list[Dialect]:
    """Return the dialects that some endpoint takes calls in."""
    spoken = {route.dialect for route in ROUTES if route.dialect}
    return [each for each in TONGUES if each in spoken]


def title(way: str, caller: Dialect) -> str:
    """Return what one table is about."""
    if way == "requests":
        return f"Requests of {caller.value} callers, to targets of"
    return f"Answers to {caller.value} callers, from targets of"


def grid(way: str, caller: Dialect, targets: Sequence[Dialect]) -> list[tuple[str, ...]]:
    """Return one table, its head first; the target that speaks as the caller is left out."""
    others = [each for each in targets if each is not caller]
    columns = [_carried(way, caller, each) for each in others]
    rows = [
        (found[0].feature, *(words(each) for each in found))
        for found in zip(*columns, strict=True)
        if any(each.fate is not Fate.ABSENT for each in found)
    ]
    return [("feature", *(each.value for each in others)), *rows]


def records(froms: Sequence[Dialect], tos: Sequence[Dialect]) -> Iterator[dict[str, str]]:
    """Yield each feature of each pair."""
    for way in WAYS:
        for caller in froms:
            for target in tos:
                if target is caller:
                    continue
                for each in _carried(way, caller, target):
                    pair = {"what": way, "caller": caller.value, "target": target.value}
                    yield pair | {"feature": each.feature, "fate": each.fate.value, "how": each.how}


def words(found: Carriage) -> str:
    """Return what a cell of the table says."""
    if found.fate is Fate.ABSENT:
        return ABSENT
    return f"{found.fate.value}: {found.how}" if found.how else found.fate.value


def _carried(way: str, caller: Dialect, target: Dialect) -> list[Carriage]:
    pair = TONGUES[caller], TONGUES[target]
    return list(WAYS[way](*(pair if way == "requests" else reversed(pair))))
