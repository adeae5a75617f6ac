"""What switching costs inside conversations: prompts that are read again, in Mooncake's trace."""

from evaluation.routing.cache import (
    OUT_EVERY,
    OUT_FOR,
    STRONG,
    Paid,
    Trip,
    Way,
    more_read,
    requests,
)
from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import chances_of
from evaluation.routing.material import Material
from evaluation.routing.roster import MMLU_PAIR

WORTH = 0.5
"""Dollars, of a right answer: what sends about half of the requests to each."""
MOST = 0.03
WORDS = {
    Way.PINNED: "pinned to where it began",
    Way.NAIVE: "each request by its own score",
    Way.RULED: "by the task rules, turns of a user",
    Way.HELD: "by the task rules, steps of a loop",
    Way.ALWAYS: "always the strong one",
}


def cache_study(material: Material) -> Study:
    """Return what is read again with the task rules, and without."""
    trace = requests(material.sample)
    weak, strong = (chances_of(material.pair_said, name) for name in MMLU_PAIR)
    said = list(zip(weak, strong, strict=True))
    paid = {way: Trip(way, WORTH, said).run(trace) for way in Way}
    pinned = paid[Way.PINNED]
    return Study(
        title="Prompt caches and the task rules",
        lead=(
            f"Mooncake's conversation trace, {len(trace):,} requests, over two models that keep"
            " every prompt they have read. A request goes on from an earlier one where it shares"
            " more than the first block. Chances are drawn from what is foreseen on MMLU-Pro, anew"
            f" for each request. Each model is out of order for {OUT_FOR} minute in {OUT_EVERY},"
            " but not where conversations are pinned. *By the task rules*: each later request is a"
            " turn of a user whose conversation was served by some target so far, or a step of a"
            " tool loop that a target holds; all decisions are the product's."
        ),
        figures=[
            Figure(
                name="reread_ruled",
                what="prompt tokens read, more than pinned: by the task rules, turns of a user",
                value=more_read(paid[Way.RULED], pinned),
                bar=MOST,
                most=True,
            ),
            Figure(
                name="reread_held",
                what="the same: by the task rules, steps of a tool loop",
                value=more_read(paid[Way.HELD], pinned),
                bar=MOST,
                most=True,
            ),
            Figure(
                name="reread_naive",
                what="the same: each request by its own score",
                value=more_read(paid[Way.NAIVE], pinned),
            ),
        ],
        table=_table(paid),
    )


def _table(paid: dict[Way, Paid]) -> str:
    lines = [
        "| way | prompt tokens read | of all | switched | to the strong one | USD |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for way, each in paid.items():
        strong = each.took.get(STRONG, 0)
        lines.append(
            f"| {WORDS[way]} | {each.read / 1e6:.1f} M | {each.read / each.tokens:.1%} |"
            f" {each.switched:,} | {strong / sum(each.took.values()):.0%} | {each.usd:.0f} |"
        )
    return "\n".join(lines)
