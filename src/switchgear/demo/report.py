"""What the demo prints: tables of figures, the agent's path, and plain words beside them."""

from rich.console import Console
from rich.table import Table

from switchgear.demo.agent import Errand
from switchgear.demo.sample import Sample
from switchgear.demo.score import Point, Score
from switchgear.demo.stage import SEATS, TIERS

MOST_WORDS = 46
"""Characters of an answer in the table of steps."""

HONEST = (
    "Accuracy is that of recorded answers of real models on GSM8K, replayed; nothing was asked"
    " of a live model. The router's estimate of complexity is its first form: structure and"
    " length, nothing learnt. It earns its place only where it beats the static mix, which is"
    " sending prompts to two of the models at random, at the same cost."
)


def cast(console: Console, sample: Sample) -> None:
    """Print who plays: the simulated providers."""
    console.rule("[bold]switchgear demo: every provider here is SIMULATED[/bold]")
    table = Table(box=None, pad_edge=False)
    for name in ("provider", "speaks", "target", "tier", "replays the recorded", "USD/1M in, out"):
        table.add_column(name, no_wrap=True)
    for seat, tier, model in zip(SEATS, TIERS, sample.models, strict=True):
        prices = f"{model.input_usd:g}, {model.output_usd:g}"
        table.add_row(seat.name, seat.dialect.value, seat.model, tier, model.name, prices)
    console.print(table)
    console.print(sample.note, style="dim", highlight=False)


def figures(console: Console, score: Score) -> None:
    """Print what the prompts came to."""
    calls = sum(tier.calls for tier in score.tiers)
    console.rule(f"[bold]{calls} prompts through `auto`[/bold]")
    table = Table(box=None, pad_edge=False)
    for name in ("answered by", "calls", "share", "right", "cost USD"):
        table.add_column(name, justify="left" if name == "answered by" else "right")
    for tier in score.tiers:
        share = f"{tier.calls / calls:.0%}" if calls else "-"
        right = f"{tier.right / tier.calls:.1%}" if tier.calls else "-"
        table.add_row(tier.target, str(tier.calls), share, right, f"{tier.usd:.5f}")
    console.print(table)
    console.print()
    console.print(_compared(score))
    low, high = score.margin
    console.print(
        f"95 % of bootstrap accuracies: {low:.1%} to {high:.1%}. Against the static mix at this"
        f" cost: {score.routed.accuracy - score.mix:+.1%}"
        f"{', which is within chance.' if low <= score.mix <= high else '.'}",
        highlight=False,
    )
    console.print(HONEST, style="dim", highlight=False)
    console.print(
        f"Caller's latency p50 {score.took_ms[0]:.1f} ms, p99 {score.took_ms[1]:.1f} ms"
        f" (simulated delays included); the gateway's own part p50 {score.overhead_ms[0]:.2f} ms,"
        f" p99 {score.overhead_ms[1]:.2f} ms.",
        highlight=False,
    )


def path(console: Console, errand: Errand, victim: str) -> None:
    """Print the agent's steps."""
    console.rule("[bold]An agent's errand; one provider fails in the middle[/bold]")
    table = Table(box=None, pad_edge=False)
    for name in ("step", "answer", "tier", "target", "tries", "why"):
        table.add_column(name)
    for number, step in enumerate(errand.steps, 1):
        what = step.what if len(step.what) <= MOST_WORDS else step.what[: MOST_WORDS - 1] + "…"
        tries = str(step.attempts)
        table.add_row(str(number), what, step.tier, step.target, tries, step.reason)
    console.print(table)
    console.print(
        f"{victim or 'Nobody'} began to fail (503) after two tool results. The agent was told of"
        f" nothing, and ended with: {errand.words}",
        highlight=False,
    )


def _compared(score: Score) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("the same prompts")
    for name in ("cost USD", "of always-frontier", "accuracy"):
        table.add_column(name, justify="right")
    full = score.always[-1].usd or 1.0
    mix = Point(name="static mix at that cost", usd=score.routed.usd, accuracy=score.mix)
    for point in (score.routed, mix, *score.always):
        style = "bold" if point is score.routed else ""
        table.add_row(
            point.name, f"{point.usd:.5f}", f"{point.usd / full:.1%}", f"{point.accuracy:.1%}",
            style=style,
        )  # fmt: skip
    return table
