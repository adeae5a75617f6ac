from pathlib import Path

import yaml

from support.spoken import SPOKEN
from switchgear.config.load import load
from switchgear.demo.sample import read_packaged
from switchgear.demo.stage import SEATS, TARGETS, TIERS, config

URLS = {seat.name: "http://127.0.0.1:9" for seat in SEATS}


def test_the_generated_config_is_one_that_the_gateway_takes() -> None:
    document = config(read_packaged(), URLS, Path("demo.db"), 8790)
    loaded = load(yaml.safe_dump(document).encode(), {})
    assert loaded is not None
    assert set(document["targets"]) == set(TARGETS)
    assert [target["tier"] for target in document["targets"].values()] == list(TIERS)


def test_the_providers_speak_different_dialects() -> None:
    assert {seat.dialect for seat in SEATS} == set(SPOKEN)
