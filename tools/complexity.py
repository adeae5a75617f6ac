"""Says how well the estimate of complexity tells where small models fail, from the routing data."""

import csv
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from switchgear.domain.ask import Ask
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.complexity import estimate
from switchgear.wire.registry import TONGUES

SMALL = (
    "Meta-Llama-3.1-8B-Instruct",
    "gemma-2-9b-it",
    "gpt-4o-mini-2024-07-18",
    "claude-3-haiku-20240307",
    "gpt-3.5-turbo-0125",
    "Meta-Llama-3-8B-Instruct",
    "Mixtral-8x7B-Instruct-v0.1",
)


def main() -> None:
    """Read the folder that the first argument names, and print one AUC a model."""
    folder = Path(sys.argv[1])
    asks = {name: ask(prompt) for name, prompt in prompts(folder)}
    for model in SMALL:
        failed = dict(failures(folder, model))
        whole = [(estimate(asks[name]), failed[name]) for name in failed]
        length = [(float(asks[name].shape.last_chars), failed[name]) for name in failed]
        print(f"{model}: estimate {auc(whole):.3f}, length alone {auc(length):.3f}")


def prompts(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the prompts of GSM8K, by id."""
    with gzip.open(folder / "zeroeval_prompts.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            if row["task"] == "gsm":
                yield row["prompt_id"], row["prompt"]


def failures(folder: Path, model: str) -> Iterator[tuple[str, bool]]:
    """Give whether a model failed, by prompt."""
    with gzip.open(folder / "zeroeval_outcomes.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            if row["task"] == "gsm" and row["model"] == model:
                yield row["prompt_id"], row["correct"] == "0"


def ask(prompt: str) -> Ask:
    """Return what the engine knows of a prompt."""
    body = {"model": "auto", "messages": [{"role": "user", "content": prompt}]}
    parsed = TONGUES[Dialect.OPENAI_CHAT].parse(json.dumps(body).encode())
    return ask_of(parsed, Caller(), frozenset(), Chances())


def auc(scored: list[tuple[float, bool]]) -> float:
    """Return the chance that a failure scores above a success; a tie counts half."""
    bad = [score for score, failed in scored if failed]
    good = [score for score, failed in scored if not failed]
    won = sum((one > other) + (one == other) / 2 for one in bad for other in good)
    return won / (len(bad) * len(good))


if __name__ == "__main__":
    main()
