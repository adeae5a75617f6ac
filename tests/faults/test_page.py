import json

from faults.cell import ROWS, Cell, cell
from faults.page import Notes, write_json, write_page

NOTES = Notes(machine="two cores", date="today", seconds=61.2)
CELLS = [
    cell("connection", "refused · chat · whole", [], attempts=2, seconds=0.0312),
    cell("connection", "refused · chat · stream", [], attempts=3, seconds=1.5),
    cell("status", "503 · chat", ["5 attempts, not 2", "no code"], attempts=5),
]


def test_a_cell_with_a_flaw_is_broken_and_says_why() -> None:
    assert [each.verdict for each in CELLS] == ["held", "held", "broken"]
    assert CELLS[2].note == "5 attempts, not 2; no code"


def test_the_page_counts_and_names_what_is_broken() -> None:
    page = write_page(CELLS, NOTES)
    assert f"| {ROWS['connection']} | 2 |  |" in page
    assert "| **all** | **2** | **1** |" in page
    assert "- **status**, 503 · chat: 5 attempts, not 2; no code" in page
    assert "| refused | 2 of 2 | 2 to 3 | 0.03 to 1.5 |" in page
    assert ROWS["ledger"] not in page


def test_the_page_has_no_list_of_broken_cells_when_all_held() -> None:
    assert "## Broken" not in write_page(CELLS[:2], NOTES)


def test_the_json_has_one_entry_a_cell() -> None:
    card = json.loads(write_json(CELLS, NOTES))
    assert (card["machine"], card["date"], card["held"], card["broken"]) == (
        "two cores",
        "today",
        2,
        1,
    )
    assert [Cell(**each) for each in card["cells"]] == CELLS


def test_the_json_of_nothing_is_json() -> None:
    assert json.loads(write_json([], NOTES))["cells"] == []
