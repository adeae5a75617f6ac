import json

from typer.testing import CliRunner

from switchgear.cli import assemble
from switchgear.cli.wire import callers, grid, words
from switchgear.domain.dialect import Dialect
from switchgear.wire.carriage import Carriage, Fate
from switchgear.wire.registry import TONGUES

WIDE = {"COLUMNS": "200"}


def run(*words: str) -> str:
    outcome = CliRunner().invoke(assemble(), ["wires", *words], env=WIDE)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_it_prints_a_table_for_each_way_of_each_caller() -> None:
    shown = run()
    for caller in callers():
        assert f"Requests of {caller.value} callers" in shown
        assert f"Answers to {caller.value} callers" in shown
    assert "dropped: seed" in shown


def test_one_pair_can_be_asked_for() -> None:
    shown = run("--from", "openai-chat", "--to", "anthropic-messages")
    assert "Requests of openai-chat" in shown
    assert "Requests of anthropic-messages" not in shown
    assert "dropped: seed" in shown


def test_json_has_each_feature_of_each_pair() -> None:
    found = json.loads(run("--json", "--from", "openai-chat", "--to", "anthropic-messages"))
    assert {each["what"] for each in found} == {"requests", "answers"}
    assert {
        "what": "requests",
        "caller": "openai-chat",
        "target": "anthropic-messages",
        "feature": "seed",
        "fate": "dropped",
        "how": "seed",
    } in found


def test_a_table_has_a_column_for_each_other_dialect() -> None:
    head, *rows = grid("requests", Dialect.OPENAI_CHAT, list(TONGUES))
    assert head == ("feature", *(it.value for it in TONGUES if it is not Dialect.OPENAI_CHAT))
    assert all(len(row) == len(head) for row in rows)


def test_a_cell_says_what_became_of_it_and_how() -> None:
    assert words(Carriage(feature="a", fate=Fate.CARRIED)) == "carried"
    assert words(Carriage(feature="a", fate=Fate.DROPPED, how="seed")) == "dropped: seed"
    assert words(Carriage(feature="a", fate=Fate.ABSENT)) == "-"
