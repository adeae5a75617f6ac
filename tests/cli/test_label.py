"""``switchgear label``: decisions marked one by one, or by their ids."""

from pathlib import Path

import pytest

from support.judged import fill, outcomes, run
from switchgear.domain.outcome import Fitness, Source


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(fill(tmp_path / "ledger.db"))


def test_a_walk_shows_each_decision_and_keeps_a_key_for_it(file: str) -> None:
    found = run("label", "-l", file, typed="xug")
    assert found.exit_code == 0, found.output
    for line in ("writer", "mid (mid)", "smart", "complexity", "cheapest", "What is·[2J up?"):
        assert line in found.output, line
    assert "sg_3" not in found.output
    assert "\x1b[2J" not in found.output
    assert "Labelled: underpowered 1, good fit 1." in found.output
    (one,) = outcomes(Path(file), "sg_2")
    assert (one.source, one.verdict, one.by) == (Source.LABEL, Fitness.UNDERPOWERED, "")
    assert [each.verdict for each in outcomes(Path(file), "sg_1")] == [Fitness.GOOD_FIT]


def test_it_is_left_by_q_or_by_the_end_of_what_is_typed(file: str) -> None:
    assert "Labelled: skipped 1." in run("label", "-l", file, typed="sq").output
    assert "Nothing was labelled" in run("label", "-l", file, typed="").output
    assert outcomes(Path(file), "sg_1") == outcomes(Path(file), "sg_2") == ()


def test_the_same_said_twice_is_kept_once_and_a_changed_mind_is_kept(file: str) -> None:
    for keys, count in (("gg", 1), ("gg", 1), ("fg", 2)):
        assert run("label", "-l", file, typed=keys).exit_code == 0
        assert len(outcomes(Path(file), "sg_2")) == count
        assert len(outcomes(Path(file), "sg_1")) == 1


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["--agent", "clerk"], ["sg_1"]),
        (["--route", "smart"], ["sg_2"]),
        (["--model", "auto"], ["sg_1"]),
        (["--since", "1970-01-01T00:00:02"], ["sg_2"]),
        (["--limit", "1"], ["sg_2"]),
        (["--unlabelled"], ["sg_1"]),
        ([], ["sg_2", "sg_1"]),
    ],
)
def test_only_those_that_fit_are_shown(file: str, filters: list[str], wanted: list[str]) -> None:
    run("label", "sg_2", "--verdict", "failed", "-l", file)
    output = run("label", *filters, "-l", file, typed="ssss").output
    lines = [line.split() for line in output.splitlines()]
    shown = [words[1] for words in lines if len(words) > 1 and words[0] == "decision"]
    assert shown == wanted


def test_one_is_marked_by_its_id_without_being_asked(file: str) -> None:
    found = run("label", "sg_1", "--verdict", "underpowered", "--override", "mid", "-l", file)
    assert found.exit_code == 0, found.output
    assert "sg_1: kept; the decision's label is 0.00, needs mid." in found.output
    again = run("label", "sg_1", "--verdict", "underpowered", "--override", "mid", "-l", file)
    assert "was said before" in again.output
    (one,) = outcomes(Path(file), "sg_1")
    assert one.override == "mid"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["sg_9", "--score", "1"], "No decision on this ledger"),
        (["sg_3", "--score", "1"], "refused (malformed_body)"),
        (["last", "--score", "1"], "refused"),
        (["sg_1", "--verdict", "meh"], "good_fit, underpowered"),
        (["sg_1", "--score", "2"], "from 0 to 1"),
        (["sg_1", "--override", "nobody"], "override is the id of a target"),
        (["--verdict", "failed"], "Say which decision"),
        (["--since", "whenever"], "whenever"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_kept(file: str, words: list[str], why: str) -> None:
    found = run("label", *words, "-l", file)
    assert found.exit_code == 2
    assert why in found.output
    assert outcomes(Path(file), "sg_1") == ()


def test_there_has_to_be_a_ledger(tmp_path: Path) -> None:
    found = run("label", "-l", str(tmp_path / "none.db"))
    assert found.exit_code == 2
    assert "There is no ledger" in found.output


def test_explain_shows_what_was_said(file: str) -> None:
    run("label", "sg_1", "--verdict", "overprovisioned", "-l", file)
    shown = run("explain", "sg_1", "-l", file).output
    assert "judged   small: 1.00" in shown
    assert "overprovisioned (label)" in shown
    assert '"verdict": "overprovisioned"' in run("explain", "sg_1", "--json", "-l", file).output
    assert "judged" not in run("explain", "sg_2", "-l", file).output
