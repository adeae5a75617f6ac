"""The prompts that routing is measured on: who was right about each, and what that cost."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data"
CHARS_PER_TOKEN = 4.0
MILLION = 1_000_000
LETTERS = "ABCDEFGHIJ"


class Answer(msgspec.Struct, frozen=True):
    """What one model made of one prompt."""

    right: float
    """1 for yes, 0 for no."""
    usd: float
    """At the prices of 2024, by characters; 0 where no price is compared."""


class Item(msgspec.Struct, frozen=True):
    """One prompt."""

    prompt: str
    group: str
    """Which task it belongs to, for those who may know that."""
    answers: dict[str, Answer]
    """By model."""


def gsm8k_pair() -> list[Item]:
    """Return RouteLLM's GSM8K: Mixtral-8x7B is the weak one, GPT-4-1106 the strong."""
    return [
        Item(
            row["prompt"],
            "gsm",
            {
                "weak": Answer(float(row["weak_correct"]), 0.0),
                "strong": Answer(float(row["strong_correct"]), 0.0),
            },
        )
        for row in _rows("gsm8k_pair.csv.gz")
    ]


def mmlu_pro(models: Sequence[str]) -> list[Item]:
    """Return the questions that all of these models were asked."""
    listed, answers = prices(), _outcomes("mmlu_pro_outcomes.csv.gz", "question_id", models)
    found = []
    for question in _lines("mmlu_pro_questions.jsonl.gz"):
        rows = answers[str(question["question_id"])]
        if len(rows) < len(models):
            continue
        options = [f"{letter}. {each}" for letter, each in zip(LETTERS, question["options"])]  # noqa: B905  (letters left over)
        prompt = "\n".join((question["question"], *options))
        found.append(
            Item(
                prompt,
                question["category"],
                {
                    name: _answer(rows[name], len(prompt), listed.get(name, (0.0, 0.0)))
                    for name in models
                },
            )
        )
    return found


def zeroeval(models: Sequence[str]) -> list[Item]:
    """Return the sums and the programs that all of these models were asked."""
    listed, answers = prices(), _outcomes("zeroeval_outcomes.csv.gz", "prompt_id", models)
    found = []
    for line in _lines("zeroeval_prompts.jsonl.gz"):
        rows = answers[line["prompt_id"]]
        if len(rows) == len(models):
            given = {
                name: _answer(rows[name], int(rows[name]["prompt_chars"]), listed[name])
                for name in models
            }
            found.append(Item(line["prompt"], line["task"], given))
    return found


def prices() -> dict[str, tuple[float, float]]:
    """Return what a million tokens cost, in and out."""
    with (DATA / "prices_2024.csv").open(encoding="utf-8") as file:
        return {
            row["model"]: (float(row["usd_per_1m_input"]), float(row["usd_per_1m_output"]))
            for row in csv.DictReader(file)
        }


def _answer(row: dict[str, str], chars: int, price: tuple[float, float]) -> Answer:
    said = int(row["output_chars"])
    usd = (chars * price[0] + said * price[1]) / CHARS_PER_TOKEN / MILLION
    return Answer(float(row["correct"]), usd)


def _outcomes(
    name: str, key: str, models: Sequence[str]
) -> defaultdict[str, dict[str, dict[str, str]]]:
    found: defaultdict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    wanted = frozenset(models)
    for row in _rows(name):
        if row["model"] in wanted:
            found[row[key]][row["model"]] = row
    return found


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _lines(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
