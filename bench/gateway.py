"""The gateway under measurement: its config with 12 targets and 5 rules, started on its core."""

import json
import sys
from pathlib import Path
from typing import Any

from bench.process import GATEWAY_CORE, Child, free_port

MODEL = "auto"
CROSS = "cross"
"""An alias whose one target speaks the other dialect."""
START = "from switchgear.cli import main; main()"
TIERS = ("small", "mid", "frontier")


def config(
    upstream: int, ledger: Path, *, durable: bool, targets: int = 12, rules: int = 5
) -> dict[str, Any]:
    """Return a config whose targets all live at the simulated upstream on port ``upstream``."""
    url = f"http://127.0.0.1:{upstream}"
    made = {
        f"up/model-{number}": {
            "provider": "up",
            "model": f"model-{number}",
            "tier": TIERS[number * 3 // (targets - 1)],
            "price": {"input_usd": 0.1 * (number + 1), "output_usd": 0.4 * (number + 1)},
            "window": 10_000_000,
        }
        for number in range(targets - 1)
    }
    other = {
        "provider": "other",
        "model": "other",
        "tier": "frontier",
        "price": {"input_usd": 5, "output_usd": 15},
        "window": 10_000_000,
    }
    return {
        "providers": {
            "up": {"dialect": "openai-chat", "base_url": f"{url}/v1"},
            "other": {"dialect": "anthropic-messages", "base_url": f"{url}/v1"},
        },
        "targets": {**made, "other/other": other},
        "aliases": {
            MODEL: {"targets": list(made)},
            CROSS: {"targets": ["other/other"]},
        },
        "rules": [
            {
                "name": f"rule-{number}",
                "when": f'metadata.team == "team-{number}" && ask.input_tokens > {number}',
                "then": {"tier": "mid"},
            }
            for number in range(rules)
        ],
        "ledger": {"path": str(ledger), "durable": durable},
    }


class Gateway:
    """A gateway in a process of its own."""

    def __init__(self, upstream: int, folder: Path, *, durable: bool = True) -> None:
        """Start it with a fresh ledger; call ``wait`` before use."""
        name = "full" if durable else "normal"
        self.port = free_port()
        self.ledger = folder / f"{name}.db"
        self.file = folder / f"{name}.yaml"
        # JSON is YAML, and needs no other writer
        self.file.write_text(json.dumps(config(upstream, self.ledger, durable=durable)))
        words = ("serve", "--config", str(self.file), "--port", str(self.port))
        self.child = Child(
            [sys.executable, "-c", START, *words], GATEWAY_CORE, folder / f"gateway-{name}.log"
        )

    def wait(self) -> None:
        """Wait until it listens.

        Raises:
            NotMeasured: it never does.
        """
        self.child.wait_port(self.port)

    def stop(self) -> None:
        """End it."""
        self.child.stop()
