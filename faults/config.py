"""Config files for exercises: targets at the scripted upstream, one after the other in a plan."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import UnixMs

ALIAS = "auto"
NOW = UnixMs(1_760_000_000_000)
SHORT = {"connect_s": 0.5, "first_s": 0.7, "between_s": 0.7, "whole_s": 1.4, "call_s": 30}
"""Patience for faults that hang: what takes half a minute elsewhere takes a second here."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One target, at a provider of its own."""

    model: str
    """The fault's name, and a scope."""
    dialect: Dialect = Dialect.OPENAI_CHAT
    url: str
    more: dict[str, Any] = {}
    """Other settings of the target."""


def config(places: Sequence[Place], **more: object) -> dict[str, Any]:
    """Return a config whose plan is these targets, in order: ``t0``, ``t1`` and so on."""
    names = [f"t{number}" for number in range(len(places))]
    providers = {
        name: {"dialect": place.dialect.value, "base_url": place.url}
        for name, place in zip(names, places, strict=True)
    }
    targets = {
        name: {
            "provider": name,
            "model": place.model,
            "tier": "small",
            "window": 100_000 * (number + 1),
            "max_output": 4_096,
            "quality": 0.9,
            "price": {"input_usd": number + 1, "output_usd": number + 1},
            "capabilities": ["tools", "streaming"],
            "first_content_s": 0.05,
            "token_s": 0.001,
            **place.more,
        }
        for number, (name, place) in enumerate(zip(names, places, strict=True))
    }
    return {
        "providers": providers,
        "targets": targets,
        "aliases": {ALIAS: {"targets": names}},
        "ledger": {"path": ":memory:"},
        "patience": SHORT,
        **more,
    }


def setup(places: Sequence[Place], **more: object) -> Setup:
    """Return the setup of such a config."""
    return read_setup(msgspec.json.encode(config(places, **more)), {}, NOW).setup
