"""``switchgear brain``: versions shown, made and taken back from the terminal."""

import asyncio
import json
from pathlib import Path

import pytest

from support.cast import NEVER, ask
from support.entries import READY, attempt, entry
from support.judged import POLICY, fill, run
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Source
from switchgear.domain.units import UnixMs
from switchgear.engine.decide import decide
from switchgear.engine.saying import Saying
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.pipeline.learning.version import Versions
from switchgear.ports.ledger import Query

CALLS = 60


class Rows:
    """What is on the ledger, by heart."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = {each.id: each for each in entries}

    async def find(self, entry_id: str) -> Entry | None:
        return self._entries.get(entry_id)

    async def list(self, _query: Query) -> tuple[Entry, ...]:
        return ()

    async def find_policy(self, _version: str) -> bytes | None:
        return None


def judged(path: Path, count: int = CALLS) -> str:
    """Return the path of a ledger on which so many calls were judged."""
    now = SystemClock().date() - 100_000
    made = decide(ask(), READY, POLICY, NEVER)
    entries = [
        entry(
            f"sg_{number:04}", at=UnixMs(now + number * 1_000), decision=made, attempts=(attempt(),)
        )
        for number in range(count)
    ]
    fill(path, *entries)

    async def life() -> None:
        papers = SqlitePapers(path, durable=False)
        desk = Outcomes(papers, Rows(entries), SystemClock())
        for each in entries:
            said = Saying(decision=each.id, score=1.0, source=Source.EVAL)
            await desk.keep(said, each, "")
        await papers.aclose()

    asyncio.run(life())
    return str(path)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brain") / "ledger.db"
    judged(path)
    return path


@pytest.fixture
def file(learnt: Path, tmp_path: Path) -> str:
    path = tmp_path / "ledger.db"
    path.write_bytes(learnt.read_bytes())
    return str(path)


def test_a_refit_makes_a_version_and_says_why(file: str) -> None:
    found = run("brain", "refit", "-l", file)
    assert found.exit_code == 0, found.output
    for line in (
        "v1 is in force.",
        "first version: log loss",
        "held out",
        "candidate",
        "prior ",
        "small:",
    ):
        assert line in found.output, line
    listed = run("brain", "versions", "-l", file)
    assert "v1" in listed.output
    assert "current" in listed.output
    shown = run("brain", "show", "v1", "-l", file)
    assert "v1  current" in shown.output
    assert "replayed" in shown.output


def test_everything_is_told_as_json_too(file: str) -> None:
    report = json.loads(run("brain", "refit", "--json", "-l", file).output)
    assert report["version"] == "v1"
    assert report["report"]["labels"] == CALLS
    (row,) = json.loads(run("brain", "versions", "--json", "-l", file).output)
    assert (row["name"], row["state"]) == ("v1", "current")
    assert json.loads(run("brain", "show", "v1", "--json", "-l", file).output) == row
    back = json.loads(run("brain", "rollback", "--json", "-l", file).output)
    assert back == {"before": "v1", "now": None}


def test_one_that_is_not_better_is_told_and_exits_with_1(file: str) -> None:
    run("brain", "refit", "-l", file)
    found = run("brain", "refit", "-l", file)
    assert found.exit_code == 1
    assert "v2 was not switched on." in found.output
    assert "not better" in found.output
    assert "rejected" in run("brain", "versions", "-l", file).output


def test_one_goes_back_and_forth(file: str) -> None:
    run("brain", "refit", "-l", file)
    back = run("brain", "rollback", "-l", file)
    assert back.output.startswith("Nothing that was learnt is in force in place of v1.")
    again = run("brain", "rollback", "v1", "-l", file)
    assert again.output.startswith("v1 is in force again.")
    none = run("brain", "rollback", "none", "-l", file)
    assert none.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rollback"], "No version is in force"),
        (["rollback", "v7"], "no version 'v7'"),
        (["show", "v7"], "no version 'v7'"),
        (["show", "head"], "no version 'head'"),
    ],
)
def test_what_cannot_be_done_is_said(file: str, arguments: list[str], told: str) -> None:
    found = run("brain", *arguments, "-l", file)
    assert found.exit_code == 2
    assert told in found.output


def test_where_nothing_is_learnt_it_says_what_would_be_needed(tmp_path: Path) -> None:
    file = str(fill(tmp_path / "ledger.db"))
    assert "Nothing is learnt yet" in run("brain", "versions", "-l", file).output
    assert json.loads(run("brain", "versions", "--json", "-l", file).output) == []
    found = run("brain", "refit", "-l", file)
    assert found.exit_code == 1
    assert "0 labels are too few; 50 make a version" in found.output
    missing = run("brain", "versions", "-l", str(tmp_path / "none.db"))
    assert missing.exit_code == 2
    assert "There is no ledger" in missing.output


def test_a_config_that_wants_nothing_learnt_gets_nothing(tmp_path: Path, file: str) -> None:
    config = tmp_path / "switchgear.yaml"
    config.write_text("targets: {}\nlearning: {use: off}\n")
    bad = run("brain", "refit", "-c", str(config), "-l", file)
    assert bad.exit_code == 2
    assert "switchgear check" in bad.output
    config.write_text(
        "targets: {sum: {kind: tool, tool: {function: arithmetic}}}\nlearning: {use: 'off'}\n"
        "aliases: {auto: {targets: [sum]}}\n"
    )
    off = run("brain", "refit", "-c", str(config), "-l", file)
    assert off.exit_code == 2
    assert "learning.use: off" in off.output
    gone = run("brain", "refit", "-c", str(tmp_path / "no.yaml"), "-l", file)
    assert "no such file" in gone.output


def test_a_refit_beside_another_is_refused(file: str) -> None:
    async def life() -> None:
        papers = SqlitePapers(Path(file), durable=False)
        versions = Versions(papers, SystemClock())
        head, revision = await versions.head()
        await versions.lease(head, revision)
        await papers.aclose()

    asyncio.run(life())
    found = run("brain", "refit", "-l", file)
    assert found.exit_code == 2
    assert "Another refit is under way" in found.output
