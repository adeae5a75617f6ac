"""The results of a rehearsal, for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from switchgear.rehearsal.rehearse import Result, Verdict

COLOURS = {
    Verdict.ANSWERED: "green",
    Verdict.TOLD: "yellow",
    Verdict.FLAWED: "magenta",
    Verdict.LOST: "bold red",
    Verdict.TRUNCATED: "bold red",
}


def draw(results: Sequence[Result]) -> RenderableType:
    """Return a table for each name that callers may ask for, and a line that sums up."""
    models = dict.fromkeys(each.model for each in results)
    tables = [_table(model, [each for each in results if each.model == model]) for model in models]
    return Group(*tables, _sum(results))


def _table(model: str, results: Sequence[Result]) -> Table:
    table = Table("fault", "", "strikes", "answered by", title=model, title_justify="left")
    table.add_column("tries", justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("verdict")
    for each in results:
        who = each.answered_by or (f"nobody: {each.code}" if each.code else "nobody")
        verdict = Text(each.verdict.value, COLOURS[each.verdict])
        if each.flaws:
            verdict.append(f": {'; '.join(each.flaws)}", "dim")
        struck = "all" if each.everywhere else each.struck
        seconds = f"{each.seconds:.2f}"
        table.add_row(each.fault, each.form, struck, who, str(each.attempts), seconds, verdict)
    return table


def _sum(results: Sequence[Result]) -> Text:
    counts = {verdict: sum(each.verdict is verdict for each in results) for verdict in Verdict}
    words = Text(f"{len(results)} calls: ")
    shown = [Text(f"{count} {it.value}", COLOURS[it]) for it, count in counts.items() if count]
    words.append_text(Text(", ").join(shown))
    return words
