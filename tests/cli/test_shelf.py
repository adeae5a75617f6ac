from pathlib import Path

import pytest
import typer

from switchgear.adapters.ledgers.sqlite.schema import open_for_writing
from switchgear.cli.shelf import ledger_path, open_shelf


def written(folder: Path, text: str, name: str = "other.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_option_wins_then_the_config_then_the_usual_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ledger_path(None, None) == Path("switchgear.db")
    written(tmp_path, "ledger: {path: usual.db}", "switchgear.yaml")
    assert ledger_path(None, None) == Path("usual.db")
    config = written(tmp_path, "ledger: {path: named.db}")
    assert ledger_path(None, config) == Path("named.db")
    assert ledger_path(Path("given.db"), config) == Path("given.db")


@pytest.mark.parametrize("text", ["", "targets: {}", "ledger:", "[]", "ledger: {durable: false}"])
def test_a_config_that_names_no_ledger_means_the_usual_one(tmp_path: Path, text: str) -> None:
    assert ledger_path(None, written(tmp_path, text)) == Path("switchgear.db")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ledger: {path: ':memory:'}", "names no ledger file"),
        ("ledger: {path: '${HOME}/x.db'}", "names no ledger file"),
        ("ledger: {path: 3}", "names no ledger file"),
        ("ledger: [", "cannot be read"),
    ],
)
def test_a_config_that_cannot_tell_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    with pytest.raises(typer.Exit) as exit_:
        ledger_path(None, written(tmp_path, text))
    assert exit_.value.exit_code == 2
    assert message in capsys.readouterr().err


def test_a_ledger_that_is_there_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    open_for_writing(file, durable=False).close()
    shelf = open_shelf(file, None)
    assert shelf.ids("", 5) == []
    shelf.close()
