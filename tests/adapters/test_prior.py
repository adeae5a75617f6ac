"""The prior that ships: read once, told of once where it cannot be used."""

from pathlib import Path

import pytest

from switchgear.adapters.prior import FILE, MOST_BYTES, ShippedPrior
from switchgear.domain.target import Tier
from switchgear.engine.success.model import MOST_PLACES, encode_model
from switchgear.engine.success.prior import MOST_OWN, decode_prior, seeded
from switchgear.ports.papers import MOST_BODY

LARGEST = 400_000


def test_the_one_that_is_packaged_can_be_read_and_tells_of_all_tiers() -> None:
    body = ShippedPrior()()
    prior = decode_prior(body)
    assert set(prior.model.sides) == {"small", "mid", "frontier"}
    assert prior.lessons > 10_000
    assert {each.licence for each in prior.sources} <= {"Apache-2.0", "MIT"}
    assert len(body) < LARGEST
    model = seeded(prior, {"mine": Tier.MID})
    assert any(model.grams)
    assert any(model.counts)


@pytest.mark.parametrize("count", [MOST_OWN, MOST_PLACES - 1])
def test_what_begins_from_it_is_small_enough_to_be_kept(count: int) -> None:
    prior = decode_prior(ShippedPrior()())
    tiers = {f"t{number:02}": list(Tier)[number % 4] for number in range(count)}
    assert len(encode_model(seeded(prior, tiers))) < LARGEST < MOST_BODY / 2


@pytest.mark.parametrize("body", [None, b"", b"{nonsense", b" " * (MOST_BYTES + 1), b"[1]"])
def test_without_a_usable_one_there_is_none_and_that_is_said_once(
    body: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "prior.json"
    if body is not None:
        file.write_bytes(body)
    shipped = ShippedPrior(file)
    assert shipped() == b""
    assert shipped() == b""
    assert [each.message for each in caplog.records if "begun without it" in each.message] == [
        caplog.records[0].message
    ]


def test_it_is_read_when_it_is_asked_for_and_never_again(tmp_path: Path) -> None:
    file = tmp_path / "prior.json"
    shipped = ShippedPrior(file)  # nothing is there yet
    file.write_bytes(FILE.read_bytes())
    body = shipped()
    file.unlink()
    assert shipped() == body != b""
