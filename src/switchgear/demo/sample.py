"""Recorded outcomes of three real models on GSM8K prompts: what the simulated providers replay."""

import csv
import gzip
import io
import json
from pathlib import Path

import msgspec

PACKAGED = Path(__file__).with_name("sample.json.gz")

NOTE = (
    "Facts about GSM8K prompts (openai/grade-school-math, MIT) from WildEval/ZeroEval, Apache-2.0:"
    " whether each model's recorded answer was right, and how long it was. Prices: 2024 list"
    " prices as litellm 1.55.0 (MIT) has them."
)

LADDER = ("Meta-Llama-3-8B-Instruct", "Meta-Llama-3-70B-Instruct", "claude-3-5-sonnet-20241022")
"""Small, mid and frontier of 2024: accuracy rises 79, 93, 97 %, the price ten-fold each time."""

TASK = "gsm"
CHARS_PER_TOKEN = 4
"""How the simulated providers count: one token is four characters, rounded up."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded model."""

    name: str
    input_usd: float
    """For a million tokens."""
    output_usd: float


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What one model made of one prompt."""

    correct: bool
    chars: int
    """Length of its answer."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt."""

    text: str
    answer: str
    """The right answer: a whole number."""
    outcomes: tuple[Outcome, ...]
    """One a model, in the sample's order of models."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Prompts, and what each model made of them."""

    note: str
    models: tuple[Model, ...]
    """Weakest first."""
    prompts: tuple[Prompt, ...]


def tokens(chars: int) -> int:
    """Return how many tokens a simulated provider counts in so many characters."""
    return -(-chars // CHARS_PER_TOKEN)


def spread(sample: Sample, count: int) -> Sample:
    """Return a sample of ``count`` prompts, evenly spaced over this one; all if it has fewer."""
    total = len(sample.prompts)
    if count >= total:
        return sample
    chosen = tuple(sample.prompts[place * total // count] for place in range(count))
    return msgspec.structs.replace(sample, prompts=chosen)


def read_packaged(path: Path = PACKAGED) -> Sample:
    """Return the sample that comes with the package."""
    return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=Sample)


def pack(sample: Sample) -> bytes:
    """Return the sample as the packaged file holds it; the same bytes for the same sample."""
    return gzip.compress(msgspec.json.encode(sample), mtime=0)


def read_folder(folder: Path, ladder: tuple[str, ...] = LADDER) -> Sample:
    """Return all prompts of the full data whose outcome is known for every model of the ladder.

    Raises:
        OSError: a file is missing.
        KeyError: the prices lack a model.
    """
    prices = {row["model"]: row for row in csv.DictReader(_open(folder / "prices_2024.csv"))}
    models = tuple(
        Model(
            name=name,
            input_usd=float(prices[name]["usd_per_1m_input"]),
            output_usd=float(prices[name]["usd_per_1m_output"]),
        )
        for name in ladder
    )
    outcomes: dict[str, dict[str, Outcome]] = {}
    for row in csv.DictReader(_open(folder / "zeroeval_outcomes.csv.gz")):
        if row["task"] == TASK and row["model"] in ladder:
            found = Outcome(correct=row["correct"] == "1", chars=int(row["output_chars"]))
            outcomes.setdefault(row["prompt_id"], {})[row["model"]] = found
    lines = [json.loads(line) for line in _open(folder / "zeroeval_prompts.jsonl.gz")]
    prompts = tuple(
        Prompt(
            text=line["prompt"],
            answer=line["answer"].removeprefix("#").strip().replace(",", ""),
            outcomes=tuple(outcomes[line["prompt_id"]][name] for name in ladder),
        )
        for line in lines
        if len(outcomes.get(line["prompt_id"], ())) == len(ladder)
    )
    return Sample(note=NOTE, models=models, prompts=prompts)


def _open(path: Path) -> io.StringIO:
    raw = path.read_bytes()
    return io.StringIO((gzip.decompress(raw) if path.suffix == ".gz" else raw).decode())
