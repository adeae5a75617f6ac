"""Tasks drawn for the terminal."""

import io

from rich.console import Console, RenderableType

from switchgear.cli.tasktable import LONGEST, branches, table
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs

TOP = Task(id="tk_top", name="nightly", key="ci", opened=UnixMs(1000), steps=3)
CHILD = Task(
    id="tk_child", parent="tk_top", ancestors=("tk_top",), opened=UnixMs(2000), why="x" * 200
)
LOST = Task(
    id="tk_lost", parent="tk_gone", ancestors=("tk_gone",), opened=UnixMs(5), status=Status.STOPPED
)


def drawn(what: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=160, color_system=None)
    console.print(what)
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above
    assert isinstance(text, str)
    return text


def test_a_row_says_who_works_on_what_and_how_it_stands() -> None:
    head, top, *_ = drawn(table([TOP, LOST])).splitlines()
    assert head.split()[:4] == ["id", "name", "status", "steps"]
    assert top.split()[:6] == ["tk_top", "nightly", "running", "3", "-", "ci"]


def test_children_stand_below_their_parents_and_orphans_at_the_top() -> None:
    lines = [line.rstrip() for line in drawn(branches([CHILD, LOST, TOP])).splitlines()]
    assert [line.split("tk_")[1].split()[0] for line in lines] == ["top", "child", "lost"]
    assert lines[1].startswith("└── ")
    assert not lines[2].startswith(("└", "├"))


def test_a_long_reason_is_cut_and_nothing_steers_the_terminal() -> None:
    assert "x" * (LONGEST - 1) + "…" in drawn(branches([CHILD]))
    bad = Task(id="tk_bad", name="a\x1b[2J", agent="b\r", opened=UnixMs(0))
    for text in (drawn(branches([bad])), drawn(table([bad]))):
        assert "\x1b" not in text
        assert "\r" not in text
