import json

from parity.cell import Cell
from parity.column import Column, Form
from parity.page import differences, read_json, totals, write_json, write_page
from parity.row import ROWS, Row

from switchgear.domain.dialect import Dialect

COLUMNS = [
    Column(Dialect.OPENAI_CHAT, form, target)
    for form in Form
    for target in (Dialect.OPENAI_CHAT, Dialect.GEMINI)
]
FIRST, SECOND = (Row(name, f"{name} holds.", ROWS[0].act) for name in ("one", "two"))


def cells(verdict: str = "held", note: str = "") -> list[Cell]:
    good = [Cell(row="one", column=each.name, verdict="held") for each in COLUMNS]
    rest = [
        Cell(row="two", column=each.name, verdict=verdict, note=note)  # type: ignore[arg-type]  # one of the three
        for each in COLUMNS
    ]
    return [*good, *rest]


def page(verdict: str = "held", note: str = "") -> str:
    return write_page([FIRST, SECOND], COLUMNS, cells(verdict, note))


def test_the_page_has_a_line_for_each_row_and_a_place_for_each_column() -> None:
    shown = page()
    assert "| one | yes | yes | yes | yes |" in shown
    assert "**8 held, 0 broken, 0 cannot exist.**" in shown
    assert "- **one**: one holds." in shown


def test_what_is_broken_is_shown_with_what_was_seen() -> None:
    shown = page("broken", "it was 7")
    assert "| two | **NO** | **NO** | **NO** | **NO** |" in shown
    assert "## Broken" in shown
    assert "it was 7" in shown


def test_what_cannot_exist_says_why() -> None:
    shown = page("cannot", "it has no words")
    assert "| two | - | - | - | - |" in shown
    assert "openai-chat to gemini: it has no words" in shown


def test_the_json_holds_every_cell_and_nothing_of_the_day() -> None:
    found = cells("cannot", "why")
    raw = write_json(found)
    assert raw == write_json(found)
    assert json.loads(raw)["held"] == totals(found)["held"] == 4
    assert list(read_json(raw).values()) == found


def test_a_verdict_that_changed_is_told_and_a_note_that_did_is_not() -> None:
    old = read_json(write_json(cells()))
    assert not differences(old, cells(note="now with a note"))
    told = differences(old, cells("broken", "it was 7"))
    assert len(told) == 4
    assert "held before, now broken it was 7" in told[0]
    assert len(differences(old, cells()[:-1])) == 1
    assert len(differences({}, cells())) == 8
