"""``switchgear ledger``: what it lists, exports and deletes."""

import asyncio
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from support.entries import entry
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.cli import assemble
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import MOST_ROWS

LINE = assemble()


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(LINE, ("ledger", *arguments), env={"COLUMNS": "120"})
    return outcome.exit_code, outcome.output


def book(folder: Path, entries: Sequence[Entry]) -> str:
    path = folder / "ledger.db"

    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        await asyncio.gather(*[ledger.write(each) for each in entries])
        await ledger.aclose()

    asyncio.run(life())
    return str(path)


NINE = [entry(f"sg_{number}", at=UnixMs(number)) for number in range(9)]


def test_it_lists_newest_first_and_no_more_than_asked(tmp_path: Path) -> None:
    file = book(tmp_path, NINE)
    code, output = run("--ledger", file, "--limit", "2")
    assert code == 0
    assert [line.split()[2] for line in output.splitlines()[1:]] == ["sg_8", "sg_7"]


def test_ids_are_whole_however_narrow_the_terminal(tmp_path: Path) -> None:
    name = "sg_01hzy3v7aq0123456789abcdef"
    file = book(tmp_path, [entry(name, model="m" * 200, target="t" * 50)])
    outcome = CliRunner().invoke(LINE, ("ledger", "-l", file), env={"COLUMNS": "80"})
    assert name in outcome.output


def test_filters_narrow_the_list(tmp_path: Path) -> None:
    failed = entry("sg_bad", end=End.FAILED, code="no_target", status=503)
    file = book(tmp_path, [*NINE, failed])
    _, output = run("list", "end=failed", "model=auto", "-l", file)
    assert "sg_bad" in output
    assert "sg_1" not in output
    assert run("list", "task=nobody", "-l", file) == (0, "No call fits.\n")


def test_json_lines_are_the_entries(tmp_path: Path) -> None:
    file = book(tmp_path, NINE)
    code, output = run("--json", "-l", file)
    assert code == 0
    lines = output.splitlines()
    assert [msgspec.json.decode(line, type=Entry) for line in lines] == NINE[::-1]


def test_an_export_has_all_pages(tmp_path: Path) -> None:
    file = book(tmp_path, [entry(f"sg_{number}") for number in range(MOST_ROWS + 5)])
    assert len(set(run("--json", "-l", file)[1].splitlines())) == MOST_ROWS + 5


def test_csv_has_a_column_for_each_name_and_no_formula(tmp_path: Path) -> None:
    file = book(tmp_path, [entry("sg_1", model='=HYPERLINK("x")', agent="a,b\nc")])
    _, output = run("--csv", "-l", file)
    rows = list(csv.DictReader(io.StringIO(output, newline="")))
    assert [row["id"] for row in rows] == ["sg_1"]
    assert rows[0]["model"] == '\'=HYPERLINK("x")'
    assert rows[0]["agent"] == "a,b\nc"
    assert rows[0]["cost"] == "66000"
    assert rows[0]["policy"] == "v1"
    assert rows[0]["why"] == "cheapest for tier small, before mid"


def test_what_a_caller_sent_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = book(tmp_path, [entry("sg_1", model="\x1b[2J[red]x")])
    _, output = run("-l", file)
    assert "\x1b" not in output
    assert "[red]x" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["end=lost"], "end is one of answered, cut, left, failed; not 'lost'."),
        (["ende=cut"], "There is no filter 'ende'; did you mean end?"),
        (["failed"], "'failed' is no filter; write NAME=VALUE, such as end=failed."),
        (["since=soon"], "'soon' is neither a date"),
        (["--json", "--csv"], "Choose one of --json and --csv."),
        (["--ledger", "nowhere.db"], "There is no ledger nowhere.db"),
        (["--config", "nowhere.yaml"], "nowhere.yaml cannot be read: No such file"),
        (["prune", "--before", "1d", "--ledger", "nowhere.db"], "There is no ledger nowhere.db"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run(*arguments)
    assert code == 2
    assert message in " ".join(output.split())
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, only words " * 50, encoding="utf-8")
    code, output = run("-l", str(file))
    assert code == 2
    assert "it is no SQLite file" in output


def test_the_config_says_where_the_ledger_is(tmp_path: Path) -> None:
    config = tmp_path / "switchgear.yaml"
    file = book(tmp_path, NINE[:1])
    config.write_text(f"ledger: {{path: {file}}}\nproviders: ${{UNSET}}\n", encoding="utf-8")
    code, output = run("--config", str(config))
    assert code == 0
    assert "sg_0" in output


def test_pruning_deletes_what_is_older_and_keeps_the_rest(tmp_path: Path) -> None:
    file = book(tmp_path, [*NINE, entry("sg_new", at=UnixMs(4_000_000_000_000))])
    assert run("prune", "--before", "2001-01-01", "-l", file) == (
        0,
        f"Deleted 9 calls from {file}.\n",
    )
    assert len(run("--json", "-l", file)[1].splitlines()) == 1
