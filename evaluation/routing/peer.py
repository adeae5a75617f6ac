"""LiteLLM's classifiers beside ours, where LiteLLM is installed."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "build" / "peers" / "litellm" / "bin" / "python"
PROGRAM = Path(__file__).parent / "classifiers.py"
MISSING = "LiteLLM is not installed here, so its classifiers did not run; `make bench-peers` does."


class Judged(msgspec.Struct, frozen=True):
    """What its classifiers say of some prompts."""

    version: str
    scores: dict[str, list[float]]
    """By classifier: the higher, the more a prompt is held to need a strong model."""
    tiers: dict[str, list[int]]
    """By classifier: 0 for simple to 3 for reasoning."""


def judged(prompts: Sequence[str], python: Path = PYTHON) -> Judged | str:
    """Return what they say, or why they say nothing."""
    if not python.exists():
        return MISSING
    done = subprocess.run(
        [python, PROGRAM], input=json.dumps(prompts), capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"LiteLLM is installed, but did not run: {done.stderr.strip().splitlines()[-1:]}"
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Judged)
