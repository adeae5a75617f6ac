"""`make eval`: measure what estimates of tokens and routing are worth; write docs/evaluation.md.

Exits with 1 only where something could not be measured; with ``--check`` also where a bar is
missed. What was measured is written all the same.
"""

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path

import msgspec
from evaluation.routing.figure import Figure as Told
from evaluation.routing.figure import flat
from evaluation.routing.material import Material
from evaluation.routing.measure import STUDIES, measure
from evaluation.routing.page import figures_of, page, write_plots
from evaluation.text import KINDS, Sample, samples
from evaluation.trial import CALLS, WITHIN, Figure, figures, seen

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
PYTHON = ROOT / "build" / "eval" / "bin" / "python"
GOLDEN = ROOT / "tests" / "golden" / "estimate" / "counted.jsonl.gz"
GOLDEN_TOKENIZERS = ("cl100k", "tekken", "mistral-v3")
LEARNT, TRIED, ORDERS = 150, 200, 20
Z = 1.96
"""Standard deviations to each side that 95 % lie within."""
HEADS = (
    *("tokenizer", "text", "nothing learnt", f"after {CALLS} calls", "worst order", "p90"),
    *(f"within {WITHIN:.0%}", "never met"),
)


def main() -> int:
    """Measure, write the pages, and say whether the bar was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--golden", action="store_true", help="write the counts that tests use")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bar is missed")
    chosen = parser.parse_args()
    if chosen.golden:
        _write_golden()
        return 0
    texts = samples(1, LEARNT, held=False) + samples(1, TRIED, held=True)
    found = figures(seen(texts, _counts(texts)), ORDERS)
    studies = measure(Material(), STUDIES)
    told = [*_told(found), *figures_of(studies)]
    (chosen.out / "evaluation.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(flat(told)), indent=1) + b"\n"
    )
    (chosen.out / "evaluation.md").write_text(f"{_page(found)}\n{page(studies)}", "utf-8")
    write_plots(studies, chosen.out)
    missed = [each.name for each in told if each.held is False]
    print(f"missed: {', '.join(missed) or 'nothing'}")
    return int(chosen.check and bool(missed))


def _told(found: list[Figure]) -> list[Told]:
    """Return the figures of tokens under flat names."""
    told = []
    for each in found:
        name, what = f"{each.tokenizer}_{each.kind}", f"{each.tokenizer}, {each.kind}"
        off = Z * each.spread
        told.append(
            Told(
                name=f"input_tokens_{name}",
                what=what,
                value=each.mean,
                low=max(0.0, each.mean - off),
                high=each.mean + off,
                bar=WITHIN,
                most=True,
            )
        )
        told += [
            Told(name=f"input_tokens_{key}_{name}", what=what, value=value)
            for key, value in (
                ("before", each.before),
                ("worst", each.most),
                ("p90", each.p90),
                ("within", each.within),
                ("unmet", each.unmet),
            )
        ]
    return told


def _counts(texts: list[Sample]) -> dict[str, list[int]]:
    done = subprocess.run(
        [PYTHON, HERE / "counter.py"],
        input=json.dumps([each.text for each in texts]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def _write_golden() -> None:
    texts = samples(2, 50, held=False, longest=1_200) + samples(2, 50, held=True, longest=1_200)
    counts = _counts(texts)
    lines = [
        msgspec.json.encode(
            {
                "kind": each.kind,
                "held": each.held,
                "text": each.text,
                "counts": {name: counts[name][place] for name in GOLDEN_TOKENIZERS},
            }
        )
        for place, each in enumerate(texts)
    ]
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    with GOLDEN.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write(b"\n".join(lines) + b"\n")


def _page(found: list[Figure]) -> str:
    rows = [
        f"| {each.tokenizer} | {each.kind} | {each.before:.1%} | **{each.mean:.1%}** ±"
        f" {each.spread * 100:.1f} | {each.most:.1%} | {each.p90:.1%} | {each.within:.0%} |"
        f" {each.unmet:.1%} |"
        for each in found
    ]
    worst = max(found, key=lambda each: each.mean)
    return f"""<!-- Written by `make eval`; changes made here are lost. -->
# Evaluation

## Estimates of input tokens

How far the estimate of a call's input, made before it is sent, is from what a real tokenizer
counts. Switchgear knows none of these tokenizers: it counts characters by class, and learns each
model's weights from the usage that its answers tell; why that way is in the
[decisions](adr/README.md). Each figure is the distance of the estimate from the usage, as a share
of the usage.

**After {CALLS} calls, {CALLS // len(KINDS)} of each kind in random order, the mean is at most
{worst.mean:.1%}** ({worst.tokenizer}, {worst.kind}); the bar is {WITHIN:.0%} for each kind.

| {" | ".join(HEADS)} |
|---|---|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

- {TRIED} texts that nothing was learnt from, {TRIED // len(KINDS)} of each kind, 150 to 8,000
  characters; {LEARNT} others to learn from. ± is the standard deviation among {ORDERS} draws and
  orders of the calls that were learnt from; *worst order* is the greatest mean of them; *p90* and
  *within* are over single texts.
- *Never met*: the model has not been called at all; what is known is from {CALLS} calls to each of
  the five others. Where those count one script very differently, as Chinese, that says little.
- What holds before anything was learnt was set from the same six tokenizers and other draws of the
  same sources, so *nothing learnt* flatters; what was learnt does not depend on it much.
- Texts: English prose, Python, JSON, Chinese, base64; sources and licences are in
  [`evaluation/texts`](../evaluation/texts/README.md). Each is one user message, and 11 tokens are
  added for a chat format that the estimator is not told.
- Vocabularies come inside wheels: litellm {_pinned("litellm")} (cl100k, o200k, Claude 2,
  DeepSeek V3), mistral-common {_pinned("mistral-common")} (Tekken; SentencePiece of v3). The
  figures do not depend on the machine.
"""


def _pinned(name: str) -> str:
    lines = (HERE / "requirements.txt").read_text("utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))


if __name__ == "__main__":
    sys.exit(main())
