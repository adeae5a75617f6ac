"""The demo from start to end: set the stage, send the traffic, check it, and say what was seen."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import SystemClock
from switchgear.demo import report
from switchgear.demo.agent import Agent, Errand, Step
from switchgear.demo.check import Seen, untrue
from switchgear.demo.client import Client, NoAnswer
from switchgear.demo.sample import Sample, read_folder, read_packaged, spread
from switchgear.demo.score import Draw, score
from switchgear.demo.stage import TARGETS, NotReady, Stage, free_port
from switchgear.demo.traffic import send

ROUNDS = 500
"""Of the bootstrap."""
PAGE = 500
LINE_EVERY = 100
"""Calls between two lines of progress where there is no terminal."""
ERRAND_STEPS = 7


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked of the demo."""

    prompts: int = 300
    keep: bool = False
    data: Path | None = None
    """A folder with the full routing data; None takes the packaged sample."""


def show(wish: Wish, console: Console) -> bool:
    """Run the demo; return whether all that it showed is true.

    Raises:
        OSError, KeyError: the data that was asked for cannot be read.
    """
    whole = read_packaged() if wish.data is None else read_folder(wish.data)
    sample = spread(whole, wish.prompts)
    with tempfile.TemporaryDirectory(prefix="switchgear-demo-") as folder:
        return asyncio.run(_run(Stage(sample, Path(folder)), sample, wish, console))


async def _run(stage: Stage, sample: Sample, wish: Wish, console: Console) -> bool:
    report.cast(console, sample)
    try:
        await stage.start(free_port())
        good = await _perform(stage, sample, console)
        if wish.keep and good:
            await _serve_on(stage.port, console)
    except (NotReady, NoAnswer) as error:
        console.print(f"The demo could not go on: {error}", style="bold red", markup=False)
        return False
    finally:
        await stage.stop()
    return good


async def _perform(stage: Stage, sample: Sample, console: Console) -> bool:
    client = stage.client
    with _progress(console, len(sample.prompts) + ERRAND_STEPS) as step:
        served = await send(sample.prompts, client, SystemClock(), step)
        errand = await Agent(client, step).run()
    figures = score(served, sample, TARGETS, draws(len(served)))
    report.figures(console, figures)
    report.path(console, errand, stage.ambush.victim)
    explained = await _explain(stage, errand, console)
    answered = sum(provider.calls - provider.failures for provider in stage.providers)
    seen = Seen(
        served=served,
        errand=errand,
        rows=await ledger_rows(client),
        answered=answered,
        victim=stage.ambush.victim,
        usd=figures.routed.usd,
        told_usd=figures.told_usd,
    )
    return _conclude(seen, untrue(seen) + explained, console)


async def _explain(stage: Stage, errand: Errand, console: Console) -> list[str]:
    """Print one decision of the errand explained; return what went wrong with that."""
    step = most_telling(errand)
    if step is None:
        return ["there is no decision to explain"]
    console.rule(f"[bold]switchgear explain {step.decision}[/bold]")
    words = ("explain", step.decision, "--config", str(stage.config))
    code, printed = await stage.run(console.width, *words)
    console.print(printed.rstrip(), markup=False, highlight=False)
    return [] if code == 0 else [f"`switchgear explain` exited with {code}"]


def most_telling(errand: Errand) -> Step | None:
    """Return the step that fell back, or else the first with a decision."""
    decided = [step for step in errand.steps if step.decision]
    return max(decided, key=lambda step: step.attempts, default=None)


async def ledger_rows(client: Client) -> tuple[str, ...]:
    """Return the ids of all decisions on the ledger.

    Raises:
        NoAnswer: the gateway did not tell.
    """
    ids: list[str] = []
    while True:
        before = f"&before={ids[-1]}" if ids else ""
        answer = await client.get(f"/v1/decisions?limit={PAGE}{before}")
        if answer.status != 200:  # noqa: PLR2004  (OK)
            raise NoAnswer(f"the ledger answered {answer.status}: {answer.body[:200].decode()}")
        page = msgspec.json.decode(answer.body, type=dict[str, Any])["data"]
        ids += [row["id"] for row in page]
        if len(page) < PAGE:
            return tuple(ids)


def draws(count: int) -> list[Draw]:
    """Return the same bootstrap rounds every time, over so many prompts."""
    chance = SeededChance()
    return [[int(chance.draw() * count) for _ in range(count)] for _ in range(ROUNDS)]


def _conclude(seen: Seen, wrong: list[str], console: Console) -> bool:
    console.rule()
    for sentence in wrong:
        console.print(f"NOT TRUE: {sentence}", style="bold red", markup=False)
    if not wrong:
        console.print(
            f"Checked: {len(seen.rows)} calls, {len(seen.rows)} ledger rows, {seen.answered}"
            " answers by the providers, nothing lost or doubled; cost told and cost counted"
            " agree; the agent's refund is right to the cent.",
            style="green",
            highlight=False,
        )
    return not wrong


async def _serve_on(port: int, console: Console) -> None:
    console.print("\nStill serving (simulated), until Ctrl-C. Point an SDK at it:")
    console.print(f"export OPENAI_BASE_URL=http://127.0.0.1:{port}/v1 OPENAI_API_KEY=demo")
    console.print(f"export ANTHROPIC_BASE_URL=http://127.0.0.1:{port} ANTHROPIC_API_KEY=demo")
    await asyncio.Event().wait()


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[], None]]:
    """Show how far the calls are: a bar on a terminal, now and then a line elsewhere."""
    if not console.is_terminal:
        yield _Lines(console, total).step
        return
    columns = (TextColumn("calls"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("calls", total=total)
        yield lambda: bar.advance(task)


class _Lines:
    """Progress as plain lines."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._done = 0

    def step(self) -> None:
        """Count one call."""
        self._done += 1
        if self._done % LINE_EVERY == 0 or self._done == self._total:
            self._console.print(f"{self._done} of {self._total} calls", highlight=False)
