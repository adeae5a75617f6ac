import msgspec
import pytest

from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.units import UnixMs
from switchgear.rehearsal.staging import Part, UnknownKeyId, remote, staged

SECRET = "sk-of-the-owner"


def a_setup() -> Setup:
    provider = {
        "dialect": "openai-chat",
        "base_url": "https://api.example.com/v1",
        "api_key": SECRET,
        "headers": {"x-org": SECRET},
    }
    target = {"provider": "p", "tier": "small", "price": {"input_usd": 1, "output_usd": 1}}
    content = {
        "providers": {"p": provider},
        "targets": {
            "a": target,
            "b": target,
            "sums": {"kind": "tool", "tool": {"function": "arithmetic"}},
        },
        "aliases": {"auto": {"targets": ["a", "b"], "last": ["sums"]}},
        "keys": [{"id": "k", "secret": SECRET, "targets": ["b"], "mode": "observe"}],
        "ledger": {"path": "owner.db"},
    }
    return read_setup(msgspec.json.encode(content), {}, UnixMs(1_750_000_000_000)).setup


PARTS = {
    "a": Part(model="503@a", base_url="http://127.0.0.1:1/v1"),
    "b": Part(model="healthy@b", base_url="http://127.0.0.1:2/v1"),
}


def test_every_remote_target_plays_its_part_at_a_provider_of_its_own() -> None:
    found = staged(a_setup(), PARTS)
    assert remote(a_setup()) == ["a", "b"]
    assert {each.id: each.base_url for each in found.providers.values()} == {
        name: part.base_url for name, part in PARTS.items()
    }
    assert {each.id: each.model for each in found.policy.targets if each.id != "sums"} == {
        name: part.model for name, part in PARTS.items()
    }
    assert found.tools == a_setup().tools


def test_nothing_of_the_owners_leaves() -> None:
    found = staged(a_setup(), PARTS, "k")
    assert all(each.api_key is None and not each.headers for each in found.providers.values())
    assert found.ledger.path == ":memory:"
    assert found.keys[0].secret_digest != a_setup().keys[0].secret_digest


def test_a_key_brings_its_rights_and_routes() -> None:
    (record,) = staged(a_setup(), PARTS, "k").keys
    assert record.key.targets == {"b"}
    assert record.key.mode.value == "route"
    assert staged(a_setup(), PARTS).keys == ()
    with pytest.raises(UnknownKeyId):
        staged(a_setup(), PARTS, "nobody")
