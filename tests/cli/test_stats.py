"""``switchgear stats``, on a file that no gateway has open."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from support.reckoned import DAY, HOUR, fill, fill_database, row, said
from switchgear.cli import assemble
from switchgear.domain.outcome import Fitness, Source

GOOD, TOO_LOW = said(Fitness.GOOD_FIT), said(Fitness.UNDERPOWERED)
OVER = said(override="large", source=Source.HUMAN)


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), ["stats", *words])


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Forty calls of two tenants and agents, eight of them overridden, and one of last month."""
    file = tmp_path_factory.mktemp("stats") / "ledger.db"
    rows = []
    for number in range(40):
        odd = number % 2 == 1
        words = OVER if number < 8 else TOO_LOW if number < 20 else GOOD
        rule = "long" if odd else ""
        entry = row(
            f"sg_{number}",
            rule=rule,
            tenant="acme" if odd else "other",
            agent="clerk" if odd else "",
            ago=2 * HOUR + number * HOUR,
        )
        rows.append((entry, words))
    fill(file, *rows, (row("sg_old", ago=30 * DAY), GOOD))
    return str(file)


def counted(ledger: str, *words: str) -> Any:
    found = say("--json", "--ledger", ledger, *words)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_three_figures_are_shown_with_intervals_and_how_they_stand(ledger: str) -> None:
    found = say("--ledger", ledger)
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    whole = next(line for line in lines if line.startswith("all"))
    assert "20.0% (10.5% to 34.8%)" in whole
    assert "$0.010000" in whole
    assert any(line.startswith("auto, rule long") for line in lines)
    assert "override rate ALERT" in found.stdout
    assert "at least 92%" in found.stdout


def test_the_same_can_be_had_as_json_and_of_some_calls_only(ledger: str) -> None:
    whole = counted(ledger)["all"]
    assert (whole["calls"], whole["override"]["hits"], whole["override"]["of"]) == (40, 8, 40)
    assert whole["override_state"] == "alert"
    assert whole["accuracy"]["labelled"] == 40
    assert counted(ledger, "--tenant", "acme")["all"]["calls"] == 20
    assert counted(ledger, "--route", "auto, rule long")["all"]["calls"] == 20
    assert counted(ledger, "--route", "auto")["all"]["calls"] == 40
    assert counted(ledger, "--since", "60d")["all"]["calls"] == 41
    assert counted(ledger, "--since", "60d", "--until", "20d")["all"]["calls"] == 1


def test_it_is_grouped_by_what_is_asked_for(ledger: str) -> None:
    def names(by: str) -> set[str]:
        return {each["name"] for each in counted(ledger, "--by", by)["groups"]}

    assert names("route") == {"auto", "auto, rule long"}
    assert names("agent") == {"", "clerk"}
    assert names("target") == {"small"}
    assert 2 <= len(names("day")) <= 3


def test_other_tables_come_in_place_of_the_first(ledger: str) -> None:
    text = say("--ledger", ledger, "--targets", "--policies", "--others", "--volume").stdout
    assert "0.0% (0.0% to 8.8%) of 40" in text
    assert "(none matched)" in text
    assert "person 8" in text
    assert "automated tasks" in text
    assert "routing accuracy" not in text


def test_a_check_fails_where_a_figure_misses_its_goal(ledger: str, tmp_path: Path) -> None:
    assert say("--ledger", ledger, "--check").exit_code == 1
    assert say("--ledger", ledger, "--check", "--json").exit_code == 1
    config = tmp_path / "goals.yaml"
    config.write_text("learning: {goals: {override: 0.5, accuracy: 0.1, cost: none}}\n")
    assert say("--ledger", ledger, "--config", str(config), "--check").exit_code == 0


def test_mistakes_are_said(ledger: str, tmp_path: Path) -> None:
    assert "neither" in say("--ledger", ledger, "--since", "soon").stderr
    assert "before" in say("--ledger", ledger, "--since", "1d", "--until", "2d").stderr
    assert say("--ledger", ledger, "--by", "moon").exit_code == 2
    none = say("--ledger", str(tmp_path / "none.db"))
    assert none.exit_code == 2
    assert "There is no ledger" in none.stderr


def test_an_empty_time_is_said(ledger: str) -> None:
    found = say("--ledger", ledger, "--since", "1h")
    assert found.exit_code == 0
    assert "No call" in found.stdout


def test_a_ledger_in_a_database_is_read_as_a_file_is(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    config = tmp_path / "remote.yaml"
    config.write_text('ledger: {url: "${DATABASE_URL}"}\nlearning: {goals: {least: 2}}\n')
    fill_database(postgres_url, *[(row(f"sg_{number}"), GOOD) for number in range(3)])
    found = say("--config", str(config), "--json")
    assert found.exit_code == 0, found.output
    whole = json.loads(found.stdout)["all"]
    assert (whole["calls"], whole["accuracy"]["labelled"]) == (3, 3)
    assert whole["accuracy_state"] == "ok"
