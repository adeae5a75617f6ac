"""Draws a decision for whoever is to judge it, and what was said of it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from switchgear.cli.papers import open_store
from switchgear.cli.tree import NOTHING, date, money, shown, span
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown, SwitchgearError
from switchgear.domain.outcome import Outcome
from switchgear.domain.turn import Role, Turn
from switchgear.domain.turn import Text as Words
from switchgear.engine.explain import usd
from switchgear.engine.flaw import route_of
from switchgear.engine.outcome import Label, Tiers, implicit_of, label_of
from switchgear.pipeline.learning.outcome import read
from switchgear.ports.papers import PaperKind
from switchgear.wire.registry import TONGUES

MOST_LETTERS = 400
"""Of what was asked."""


def card(entry: Entry, said: Sequence[Outcome], tiers: Tiers) -> Table:
    """Return all that helps to judge one decision."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows(entry, said, tiers):
        table.add_row(name, Text(shown(value)))
    return table


def rows(entry: Entry, said: Sequence[Outcome], tiers: Tiers) -> list[tuple[str, str]]:
    """Return the same as names and values."""
    decision, ask = entry.decision, entry.ask
    step = "" if ask is None else ask.step.value.replace("_", " ")
    facts = [
        ("decision", entry.id),
        ("when", f"{date(entry.at)} UTC"),
        ("route", route_of(entry.model, "" if decision is None else decision.rule)),
        ("agent", entry.agent),
        ("step", f"{step}, call {entry.step} of {entry.task}" if entry.step else step),
        ("target", target_of(entry, tiers)),
        ("ended", f"{entry.code or entry.end.value} after {span(entry.took)}"),
        ("cost", money(usd(entry.cost))),
    ]
    if decision is not None:
        facts += [
            ("complexity", f"{decision.complexity:.2f}, tier {decision.tier.name.lower()}"),
            ("why", decision.why),
        ]
    facts += [("said", "; ".join(words_of(each) for each in said)), ("asked", question(entry))]
    return [(name, value) for name, value in facts if value]


def target_of(entry: Entry, tiers: Tiers) -> str:
    """Return who answered, and how strong it is."""
    tier = tiers.get(entry.target)
    flaws = [f"{it.target} was of no use ({it.flaw})" for it in entry.attempts if it.flaw]
    strength = "" if tier is None else f" ({tier.name.lower()})"
    return "; ".join([f"{entry.target or NOTHING}{strength}", *flaws])


def said_of(entry: Entry, ledger: Path | None, config: Path | None) -> tuple[Outcome, ...]:
    """Return what was said of a decision; nothing where it cannot be read from here."""

    async def look() -> tuple[Outcome, ...]:
        papers = open_store(ledger, config)
        try:
            paper = await papers.find(PaperKind.OUTCOME, entry.id)
        finally:
            await papers.aclose()
        return () if paper is None else read(paper)

    with suppress(LedgerDown):
        return asyncio.run(look())
    return ()


def draw_said(tree: Tree, entry: Entry, said: Sequence[Outcome], tiers: Tiers) -> None:
    """Add to an explanation what was said of the decision and seen of it; nothing for nothing."""
    label = label_of(said, entry, tiers)
    if label is None:
        return
    about = f"{label.target}: {verdict_of(label)}"
    branch = tree.add(Text.assemble(("judged   ", "bold"), shown(about)))
    for each in [*said, *implicit_of(entry)]:
        target = f"{each.target}: " if each.target else ""
        branch.add(Text(shown(f"{date(each.at)} UTC  {target}{words_of(each)}")))


def words_of(outcome: Outcome) -> str:
    """Return what was said, and by whom."""
    said = [
        "" if outcome.verdict is None else outcome.verdict.value.replace("_", " "),
        "" if outcome.score is None else f"score {outcome.score:.4g}",
        f"better {outcome.override}" if outcome.override else "",
        "" if outcome.tool is None else f"tool {'right' if outcome.tool else 'wrong'}",
    ]
    whose = f"{outcome.source.value} {outcome.by}".strip()
    return f"{', '.join([each for each in said if each])} ({whose})"


def verdict_of(label: Label | None) -> str:
    """Return what all of it comes to, in a few words."""
    if label is None:
        return NOTHING
    needed = "" if label.needed is None else f", needs {label.needed.name.lower()}"
    return f"{label.good:.2f}{needed}{' (disputed)' if label.disputed else ''}"


def question(entry: Entry) -> str:
    """Return the last words of the user, shortened; empty where no body is kept."""
    if entry.request is None:
        return ""
    try:
        turns = TONGUES[entry.dialect].parse(entry.request).conversation.turns
    except SwitchgearError:
        return ""
    texts = [_text(each) for each in reversed(turns) if each.role is Role.USER]
    text = " ".join(next((each for each in texts if each), "").split())
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def _text(turn: Turn) -> str:
    return " ".join([each.text for each in turn.parts if isinstance(each, Words)])
