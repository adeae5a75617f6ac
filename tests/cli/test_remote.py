"""Commands read a ledger in a database as they read a file."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.entries import entry
from support.postgres import with_ledger
from switchgear.adapters.ledgers.postgres import PostgresLedger
from switchgear.cli import assemble
from switchgear.domain.units import UnixMs

OLD = UnixMs(1_500_000_000_000)

NEW = """\
providers: {sim: {dialect: openai-chat, base_url: "http://127.0.0.1:9/v1"}}
targets:
  small: {provider: sim, model: a, tier: small, window: 9000, price: {input_usd: 1, output_usd: 4}}
"""


def said(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(assemble(), arguments, catch_exceptions=False)
    return found.exit_code, found.output


@pytest.fixture
def config(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    file = tmp_path / "remote.yaml"
    file.write_text('ledger: {url: "${DATABASE_URL}"}', encoding="utf-8")
    return str(file)


def test_calls_are_listed_exported_explained_and_pruned(config: str, postgres_url: str) -> None:
    async def life(ledger: PostgresLedger) -> None:
        await asyncio.gather(*[ledger.write(entry(f"sg_{number}")) for number in range(3)])
        await ledger.write(entry("sg_old", at=OLD))
        await ledger.keep_policy("v1", b'{"targets": []}')

    with_ledger(postgres_url, life)
    code, table = said("ledger", "--config", config)
    assert (code, table.count("sg_")) == (0, 4)
    code, lines = said("ledger", "--json", "--config", config)
    assert (code, lines.count('"id":"sg_')) == (0, 4)
    code, told = said("explain", "sg_o", "--config", config)
    assert (code, "nearest to it are sg_old" in told) == (2, True)
    code, told = said("replay", "--same", "--since", "2000-01-01", "--config", config)
    assert (code, "4 could not be tried" in told) == (3, True)  # this policy is a stub
    new = str(Path(config).with_name("new.yaml"))
    Path(new).write_text(NEW, encoding="utf-8")
    code, told = said("replay", "-p", new, "--since", "2000-01-01", "--config", config)
    assert (code, told.startswith("4 decisions from")) == (0, True), told
    code, told = said("ledger", "prune", "--before", "2020-01-01", "--config", config)
    assert (code, told.strip()) == (0, "Deleted 1 calls from local/postgres.")
    assert said("ledger", "--json", "--config", config)[1].count('"id":"sg_') == 3


def test_a_database_without_tables_is_said_plainly(config: str) -> None:
    code, told = said("ledger", "--config", config)
    assert (code, told.strip()) == (
        2,
        "The ledger local/postgres is not up to date; `switchgear serve` updates it.",
    )


def test_a_variable_that_is_not_set_is_said_plainly(
    config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    code, told = said("ledger", "--config", config)
    assert (code, "the variable DATABASE_URL is not set" in told) == (2, True)


def test_nobody_at_the_address_is_said_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:hush@/x?host={tmp_path}")
    file = tmp_path / "remote.yaml"
    file.write_text('ledger: {url: "${DATABASE_URL}"}', encoding="utf-8")
    code, told = said("ledger", "--config", str(file))
    assert (code, "cannot be opened" in told, "hush" in told) == (2, True, False)
