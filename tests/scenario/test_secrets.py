"""No secret shows, whatever goes wrong: the small form of what ``make faults`` looks for."""

import asyncio

import pytest
from faults.secret import hunted

from switchgear.adapters.upstreams.veil import Veil
from switchgear.rehearsal.catalogue import BY_NAME

FAULTS = [BY_NAME[name] for name in ("healthy", "401", "truncated-json")]


def test_no_planted_secret_is_found_anywhere() -> None:
    found, searched = asyncio.run(hunted(FAULTS, (400, 200)))
    assert {where: hits for where, hits in found.items() if hits} == {}
    assert min(searched.values()) > 500


def test_a_secret_that_shows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Veil, "hide", lambda _, raw: raw)
    found, _ = asyncio.run(hunted(FAULTS[:1], (400,)))
    assert found["answers"]
    assert found["ledger's values"]
    assert found["pages"]
