"""What is read of past calls: within bounds, with what was said of them and who judged them."""

import asyncio
from pathlib import Path

import pytest
import typer

from support.entries import entry
from support.pastime import POLICY, past
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.cli.history import MOST_POLICIES, History, open_history, wanted
from switchgear.domain.outcome import Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.policydoc import encode_policy
from switchgear.pipeline.learning.gathering import Said

NOW = UnixMs(1_795_000_000_000)


def opened(tmp_path: Path, policies: dict[str, bytes], said: Said | None = None) -> History:
    path = tmp_path / "ledger.db"

    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        for version, document in policies.items():
            await ledger.keep_policy(version, document)
        for number in range(5):
            await ledger.write(entry(f"sg_{number}", at=UnixMs(NOW - number)))
        await ledger.aclose()

    asyncio.run(life())
    if said is not None:
        return History(Shelf(path), said)
    return open_history(path, None, wanted(("1h", ""), "", "", 3, NOW))


def test_no_more_calls_are_read_than_are_wanted(tmp_path: Path) -> None:
    history = opened(tmp_path, {})
    found = list(history.stretches(wanted(("1h", ""), "", "", 3, NOW)))
    assert [each.id for page in found for each in page.entries] == ["sg_4", "sg_3", "sg_2"]
    assert history.any_at_all()
    newest = history.newest(wanted(("1h", ""), "", "", 3, NOW))
    assert newest is not None
    assert newest.id == "sg_0"
    history.close()


def test_policies_are_read_once_and_those_of_others_are_none(tmp_path: Path) -> None:
    history = opened(tmp_path, {"v1": encode_policy(POLICY), "odd": b'{"targets": []}'})
    assert history.policy("v1") == POLICY
    assert history.policy("v1") is history.policy("v1")
    assert (history.policy("odd"), history.policy("none")) == (None, None)
    assert set(history.older) == {"small", "mid", "large", "calc"}
    for number in range(MOST_POLICIES + 5):
        history.policy(f"x{number}")
    assert len(history.policies) == MOST_POLICIES
    history.close()


def test_times_that_make_no_sense_are_refused() -> None:
    for times in (("1h", "2h"), ("never", ""), ("1969-01-01", "")):
        with pytest.raises(typer.Exit):
            wanted(times, "", "", 3, NOW)


def test_what_was_said_of_a_call_is_its_label_by_its_policy_s_tiers(tmp_path: Path) -> None:
    said = Outcome(
        id="o1", decision="sg_1", at=NOW, source=Source.EVAL, verdict=Fitness.OVERPROVISIONED
    )
    history = opened(tmp_path, {"v1": encode_policy(POLICY)}, {"sg_1": (said,)})
    call = past("sg_1", served="large")
    label = history.label(call)
    assert label is not None
    assert (label.target, label.good, label.needed) == ("large", 1.0, Tier.MID)
    tiers = {each.id: each.tier for each in POLICY.targets}
    assert [each.needed for each in history.labels(call, tiers)] == [Tier.MID]
    assert history.label(past("sg_2")) is None
    assert history.labels(past("sg_2"), tiers) == ()
    history.close()
