"""What commands stand on when they work on tasks."""

import asyncio
from pathlib import Path

import pytest
import typer

from support.keyed import keyed
from switchgear.cli.workbench import open_bench
from switchgear.domain.task import Caps
from switchgear.domain.units import Seconds

CONFIG = """
targets:
  calc: {kind: tool, tool: {function: arithmetic}}
aliases:
  auto: {targets: [calc]}
keys:
  - {id: plain, secret: 'plain-secret', tenant: acme}
tasks: {lifetime_h: 1, caps: {steps: 7}}
ledger: {path: %s}
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"

    async def life() -> None:
        async with keyed(path):
            pass

    asyncio.run(life())
    return path


def test_it_knows_the_keys_and_the_caps_of_the_config(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "switchgear.yaml"
    file.write_text(CONFIG % book)

    async def life() -> None:
        bench = open_bench(None, file)
        assert (await bench.key("plain")).tenant == "acme"
        assert (await bench.key("")).id == ""
        for name in ("nobody", "revoked"):
            with pytest.raises(typer.Exit):
                await bench.key(name)
        assert bench.setup is not None
        assert bench.setup.tasks.caps.steps == 7
        assert bench.setup.tasks.lifetime == Seconds(3600.0)
        await bench.aclose()

    asyncio.run(life())


def test_a_config_that_is_not_good_hinders_nobody(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "switchgear.yaml"
    file.write_text(f"ledger: {{path: {book}}}\ntargets: 7\n")

    async def life() -> None:
        bench = open_bench(None, file)
        assert bench.setup is None
        await bench.aclose()

    asyncio.run(life())


def test_a_ledger_that_is_named_needs_no_config(book: Path) -> None:
    async def life() -> None:
        bench = open_bench(book, None)
        assert bench.setup is None or bench.setup.tasks.caps != Caps(steps=7)
        await bench.aclose()

    asyncio.run(life())
