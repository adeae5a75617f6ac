"""Calls decided again in parts come to what they come to as a whole."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from support.cast import ask
from support.entries import entry
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.ledgers.stretch import WHOLE, Part
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli.history import Wanted, open_history
from switchgear.cli.rerun import Job, Portion, odds_by, policy_in, portion, worked
from switchgear.config.read import read_setup
from switchgear.domain.odds import Odds
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.refit import Finding, Report
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, encode_model
from switchgear.engine.success.trait import traits_of
from switchgear.pipeline.learning.version import Versions

CONFIG = """\
providers:
  sim: {dialect: openai-chat, base_url: "http://127.0.0.1:9/v1"}
targets:
  small: {provider: sim, model: a, tier: small, window: 9000, price: {input_usd: 1, output_usd: 4}}
  mid: {provider: sim, model: b, tier: mid, window: 9000, price: {input_usd: 9, output_usd: 9}}
aliases: {auto: {tier: mid}}
"""
CALLS = Wanted(since=UnixMs(0), until=UnixMs(10**12), most=10**6)
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, Path]:
    file, ledger = tmp_path / "new.yaml", tmp_path / "ledger.db"
    file.write_text(CONFIG)

    async def life() -> None:
        book = SqliteLedger(ledger, durable=False)
        for number in range(40):
            task = f"ta_{LETTERS[number // 3]}" if number % 4 else ""
            asked = ask(task=task, agent="clerk")
            name = f"sg_{number:03}{LETTERS[number % 32]}"
            row = entry(name, at=UnixMs(number), ask=asked, task=task, agent="clerk")
            await book.write(msgspec.structs.replace(row, situation=None))
        await book.aclose()

    asyncio.run(life())
    return file, ledger


def counted(kept: tuple[Path, Path], part: Part) -> Portion:
    file, ledger = kept
    return worked(Job(CALLS, file, ("", ledger, None), part))


@pytest.mark.parametrize("hands", [2, 3])
def test_parts_come_to_the_whole(kept: tuple[Path, Path], hands: int) -> None:
    file, ledger = kept
    history = open_history(ledger, None, CALLS)
    whole = portion(history, CALLS, policy_in(file), (("", ledger, None), WHOLE))
    assert history.count(CALLS) == 40
    assert history.count(msgspec.structs.replace(CALLS, most=7)) == 7
    history.close()
    parts = [counted(kept, Part(number, hands)) for number in range(hands)]
    assert all(each.recount.report().counts.decided > 3 for each in parts)
    first = parts[0]
    for each in parts[1:]:
        first.recount.merge(each.recount)
        first.judges.update(each.judges)
    assert first.judges == whole.judges
    one, two = first.recount.report(), whole.recount.report()
    assert one.counts == two.counts
    assert [(it.after, it.calls) for it in one.moves] == [("mid", 40)]
    mine, its = one.measures[0].recount.change, two.measures[0].recount.change
    assert mine.value == pytest.approx(its.value)
    assert mine.error == pytest.approx(its.error, abs=1e-9)


def test_all_calls_of_a_task_are_in_one_part(kept: tuple[Path, Path]) -> None:
    history = open_history(kept[1], None, CALLS)
    parts = [list(history.stretches(CALLS, Part(number, 3))) for number in range(3)]
    history.close()
    tasks = [{it.task for page in part for it in page.entries if it.task} for part in parts]
    assert sum(map(len, tasks)) == len(set[str]().union(*tasks))


def test_a_version_that_was_learnt_gives_the_chances(kept: tuple[Path, Path]) -> None:
    _, ledger = kept
    lessons = [Lesson(traits_of(ask()), "small", 1.0, at=UnixMs(it)) for it in range(60)]
    model = learnt(UNTAUGHT, lessons)

    async def life() -> None:
        papers = SqlitePapers(ledger, durable=False)
        versions = Versions(papers, SystemClock())
        head, revision = await versions.head()
        report = msgspec.convert(
            {"labels": 60, "held": 0, "switched": True, "why": "better"}, Report, strict=False
        )
        found = Finding(report=report, model=encode_model(model))
        assert await versions.keep(found, head, revision, UnixMs(60)) == "v1"
        await papers.aclose()

    asyncio.run(life())
    setup = read_setup(CONFIG.encode(), {}, UnixMs(1_795_000_000_000)).setup
    row = entry(ask=ask(), odds=Odds(version="old", purse=NanoUsd(7), rate=0.5))
    for name in ("v1", "current"):
        odds = odds_by((name, ledger, None), setup)(row)
        assert odds.version.startswith("v1")
        assert [each.target for each in odds.chances] == ["small"]
        assert (odds.purse, odds.rate) == (7, 0.5)
    assert odds_by(("", ledger, None), setup)(row).version == "old"
