"""The gateway's config for one trial: a target that is down, and behind it one that answers."""

from collections.abc import Iterable
from typing import Any

from agents.agent import KEY
from agents.host import DOWN, UP, Host

from switchgear.domain.dialect import Dialect
from switchgear.wire.registry import TONGUES

ALIAS = "auto"
WINDOW = 2_000_000
"""Tokens; coding agents ask for long answers to long questions."""
CAPABILITIES = ["tools", "streaming", "images", "documents", "json_schema", "thinking"]


def config(host: Host, target: Dialect, aliases: Iterable[str]) -> dict[str, Any]:
    """Return a config in which every alias first leads to a failure, then to ``target``."""
    away = next(dialect for dialect in TONGUES if dialect is not target)
    names = [DOWN, UP]
    providers = {
        name: {"dialect": dialect.value, "base_url": host.base_url(dialect), **_credential(dialect)}
        for name, dialect in zip(names, (away, target), strict=True)
    }
    targets = {name: _target(name, rank) for rank, name in enumerate(names, 1)}
    return {
        "providers": providers,
        "targets": targets,
        "aliases": {ALIAS: {"targets": names}} | {name: {"targets": names} for name in aliases},
        "keys": [{"id": "agent", "secret": KEY}],
        "ledger": {"path": "calls.db"},
        "retry": {"least": 0, "share": 0},
    }


def _credential(dialect: Dialect) -> dict[str, Any]:
    if dialect is not Dialect.BEDROCK_CONVERSE:
        return {"api_key": "upstream"}
    keys = {"region": "eu-north-1", "access_key_id": "upstream", "secret_access_key": "upstream"}
    return {"service": "bedrock", "aws": keys}


def _target(name: str, rank: int) -> dict[str, Any]:
    return {
        "provider": name,
        "model": name,
        "tier": "small",
        "window": WINDOW,
        "max_output": WINDOW // 4,
        "quality": 0.9,
        "price": {"input_usd": rank, "output_usd": rank},
        "capabilities": CAPABILITIES,
    }
