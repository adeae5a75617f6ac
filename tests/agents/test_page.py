import json

from agents.cell import Cell
from agents.page import Notes, write_json, write_page

NOTES = Notes(machine="two cores", date="today", seconds=61.2)
CELLS = [
    Cell(
        agent="openai",
        version="3.0",
        wire="openai-chat",
        target="gemini",
        form="stream",
        verdict="held",
        calls=3,
        dropped=("seed",),
        besides=("GET /v1/models",),
    ),
    Cell(agent="codex", wire="", verdict="not installed", note="no network"),
    Cell(agent="crewai", wire="openai-chat", target="gemini", verdict="broken", note="it cried"),
]


def test_the_page_has_a_line_for_each_run() -> None:
    page = write_page(CELLS, NOTES)
    assert "| OpenAI's Python SDK | 3.0 | openai-chat | gemini | stream | 3 | held | seed |" in page
    assert "**1 of 3 held.**" in page
    assert "- OpenAI's Python SDK: `GET /v1/models`" in page


def test_the_page_says_what_did_not_hold_and_why() -> None:
    page = write_page(CELLS, NOTES)
    assert "no network" in page
    assert "it cried" in page
    assert "did not hold" not in write_page(CELLS[:1], NOTES)


def test_the_machine_readable_form_has_every_run() -> None:
    found = json.loads(write_json(CELLS, NOTES))
    assert (found["held"], len(found["runs"])) == (1, 3)
