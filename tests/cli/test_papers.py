"""Where a command looks for tasks and tickets."""

from pathlib import Path

import pytest
import typer

from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli.papers import open_store


def test_the_file_or_database_of_the_config_is_opened(tmp_path: Path) -> None:
    config = tmp_path / "switchgear.yaml"
    file = tmp_path / "ledger.db"
    file.touch()
    config.write_text(f"ledger: {{path: {file}}}\n", "utf-8")
    assert isinstance(open_store(None, config), SqlitePapers)
    assert isinstance(open_store(file, None), SqlitePapers)
    config.write_text("ledger: {url: 'postgresql://nobody@127.0.0.1:9/none'}\n", "utf-8")
    assert isinstance(open_store(None, config), PostgresPapers)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        open_store(tmp_path / "none.db", None)
    assert not (tmp_path / "none.db").exists()
