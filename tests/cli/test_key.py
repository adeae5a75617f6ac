"""``switchgear keys``, on a file that no gateway has open."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from switchgear.cli import assemble
from switchgear.engine.credential import complaint

CONFIG = """
targets:
  calc: {kind: tool, tool: {function: arithmetic}}
aliases:
  auto: {targets: [calc]}
keys:
  - {id: root, secret: 'root-secret', rights: [admin], tenant: acme}
ledger: {path: %s}
"""


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), ["keys", *words])


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db")


def listed(*where: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(say("list", "--json", *where).output)
    return rows


def test_a_key_is_made_with_every_scope_and_its_secret_is_printed_alone(file: str) -> None:
    made = say(
        *("create", "ci", "--tenant", "acme", "--model", "auto", "--model", "fast"),
        *("--target", "a", "--tier", "small", "--endpoint", "answer", "--right", "metrics"),
        *("--region", "eu", "--sensitivity", "internal", "--metadata", "team=red"),
        *("--priority", "batch", "--debug", "--until", "90d", "--mode", "observe"),
        *("--budget", "day:usd=5", "--budget", "month:tokens=1000,calls=7"),
        *("--limit", "requests_per_minute=60", "--ledger", file),
    )
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert secret.startswith("sgk_ci_")
    assert complaint(secret) == ""
    assert "shown this once" in made.stderr
    (row,) = listed("-l", file)
    grant = row["grant"]
    assert grant.pop("until") > 1_700_000_000_000
    assert grant == {
        "models": ["auto", "fast"],
        "targets": ["a"],
        "tiers": ["small"],
        "endpoints": ["answer"],
        "rights": ["metrics"],
        "regions": ["eu"],
        "sensitivity": "internal",
        "metadata": {"team": "red"},
        "mode": "observe",
        "debug": True,
        "priority": "batch",
        "budgets": {"day": {"usd": 5.0}, "month": {"tokens": 1000, "calls": 7}},
        "limits": {"requests_per_minute": 60},
    }
    assert row["tenant"] == "acme"
    table = say("list", "-l", file).output
    assert secret[-4:] in table
    assert secret not in table


def test_a_key_is_rotated_promoted_rolled_back_and_revoked(file: str) -> None:
    first = say("create", "ci", "-l", file).stdout.strip()
    second = say("rotate", "ci", "-l", file).stdout.strip()
    assert first != second
    assert "rotating: two secrets" in say("list", "-l", file).output
    again = say("rotate", "ci", "-l", file)
    assert again.exit_code == 2
    assert "has two secrets" in again.output
    assert "old secret" in say("rollback", "ci", "-l", file).output
    third = say("rotate", "ci", "-l", file, "--json")
    assert json.loads(third.output)["secret"].startswith("sgk_ci_")
    assert "new secret" in say("promote", "ci", "-l", file).output
    assert say("promote", "ci", "-l", file).exit_code == 2
    assert say("revoke", "ci", "-l", file).exit_code == 0
    assert "it was revoked" in say("list", "-l", file).output
    shown = json.loads(say("show", "ci", "-l", file).output)
    assert (shown["good"], shown["deed"], shown["revision"]) == (False, "revoked", 6)
    raw = b"".join(each.read_bytes() for each in Path(file).parent.iterdir())
    for secret in (first, second, json.loads(third.output)["secret"]):
        assert secret.encode() not in raw
        assert secret.rsplit("_", 1)[1][:32].encode() not in raw


def test_a_child_is_no_wider_than_its_parent_in_the_config(tmp_path: Path, file: str) -> None:
    config = tmp_path / "switchgear.yaml"
    config.write_text(CONFIG % file, encoding="utf-8")
    made = say("create", "child", "--parent", "root", "-c", str(config))
    assert made.exit_code == 0, made.output
    rows = {row["id"]: row for row in listed("-c", str(config))}
    assert (rows["root"]["declared"], rows["child"]["parent"]) == (True, "root")
    assert rows["child"]["tenant"] == "acme"
    wider = say("create", "--parent", "root", "--tenant", "other", "-c", str(config))
    assert wider.exit_code == 2
    assert "tenant: its maker's is acme" in wider.output
    assert "nothing goes by" in say("create", "--model", "nope", "-c", str(config)).output
    assert "change it there" in say("rotate", "root", "-c", str(config)).output
    assert "no key" in say("create", "--parent", "nobody", "-c", str(config)).output.lower()


def test_a_config_that_is_not_good_only_names_the_file(tmp_path: Path, file: str) -> None:
    config = tmp_path / "switchgear.yaml"
    config.write_text((CONFIG % file).replace("root-secret", "${NOT_SET_ANYWHERE}"), "utf-8")
    made = say("create", "ci", "-c", str(config))
    assert made.exit_code == 0, made.output
    assert "is not good" in made.stderr
    assert Path(file).exists()


def test_a_ledger_in_memory_has_no_keys_for_others(tmp_path: Path) -> None:
    config = tmp_path / "switchgear.yaml"
    config.write_text(CONFIG % "':memory:'", "utf-8")
    made = say("create", "ci", "-c", str(config))
    assert made.exit_code == 2
    assert "in memory" in made.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create", "Ä"], "id: expected"),
        (["create", "--budget", "day"], "write one as day:usd=5"),
        (["create", "--budget", "day:usd=much"], "is no number"),
        (["create", "--budget", "year:usd=1"], "year"),
        (["create", "--budget", "day:usd=-1"], ">= 0"),
        (["create", "--limit", "60"], "write NAME=VALUE"),
        (["create", "--limit", "concurrent=0.5"], "int"),
        (["create", "--tier", "huge"], "huge"),
        (["create", "--until", "soon"], "until: expected a date"),
        (["create", "--until", "0m"], "that moment is over"),
        (["show", "nobody"], "No key of yours"),
        (["revoke", "nobody"], "No key of yours"),
    ],
)
def test_what_cannot_be_is_said_without_a_traceback(file: str, words: list[str], told: str) -> None:
    say("create", "first", "-l", file)
    found = say(*words, "-l", file)
    assert found.exit_code == 2
    assert told in found.output.replace("\n", " ")
    assert "Traceback" not in found.output


def test_a_mistyped_ledger_makes_no_new_one(file: str) -> None:
    found = say("list", "-l", file)
    assert (found.exit_code, "There is no ledger" in found.output) == (2, True)
    assert not Path(file).exists()


def test_a_locked_ledger_is_told(file: str) -> None:
    say("create", "first", "-l", file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    found = say("create", "second", "-l", file)
    other.close()
    assert found.exit_code == 2
    assert "locked" in found.output
