"""What the config wants of the figures."""

from pathlib import Path

import pytest
import typer

from switchgear.cli.goal import goals_in
from switchgear.domain.goal import Goals


def test_without_a_config_the_usual_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert goals_in(None) == Goals()


def test_only_its_part_of_the_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "switchgear.yaml"
    file.write_text("providers: {p: {api_key: '${NOT_SET}'}}\nlearning: {goals: {accuracy: 0.8}}\n")
    monkeypatch.chdir(tmp_path)
    assert goals_in(None).accuracy == 0.8
    assert goals_in(file).accuracy == 0.8
    file.write_text("learning:\n")
    assert goals_in(file) == Goals()


@pytest.mark.parametrize("wrong", ["learning: {goals: {accuracy: 2}}", "learning: [", "a: {b: "])
def test_what_is_no_good_is_said(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(wrong)
    with pytest.raises(typer.Exit) as exit_:
        goals_in(file)
    assert exit_.value.exit_code == 2
    assert "other.yaml" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        goals_in(tmp_path / "none.yaml")
