"""Writes the pages that repeat what the code says; with ``--check``, says where they differ."""

import difflib
import re
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import typer
from typer.testing import CliRunner

import setting
import vendor
from page import Rows, documented, fields, prose, sentence, table, value
from switchgear import cli
from switchgear.adapters.signals.metric import METRICS
from switchgear.cli import wire
from switchgear.config.error import FINDINGS
from switchgear.domain import decision, errors, target
from switchgear.domain.leaf import leaves
from switchgear.engine import complexity, condition
from switchgear.rehearsal.catalogue import CATALOGUE
from switchgear.rehearsal.fault import Expect, Fault, Phase
from switchgear.surfaces.http import header
from switchgear.wire.carriage import Fate
from switchgear.wire.registry import TONGUES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs"
NOTE = "<!-- Written from the code by `make docs`; changes made here are lost. -->"

TERMINAL = {"COLUMNS": "90", "NO_COLOR": "1", "TERM": "dumb"}
"""Help is wrapped the same on every machine."""


class Page(NamedTuple):
    """One file of the reference."""

    name: str
    title: str
    intro: str
    write: Callable[[], str]


def error_page() -> str:
    """Return every error, by whose fault it is."""
    parts = []
    for branch in errors.SwitchgearError.__subclasses__():
        rows = [_error_row(leaf) for leaf in leaves(branch)]
        head = ("code", "status", "retry", "message, unless a better one is known")
        parts.append(f"## {branch.__name__}\n\n{sentence(branch)}\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def _error_row(leaf: type[errors.SwitchgearError]) -> tuple[str, ...]:
    retry = "yes" if leaf.worth_retrying else "no"
    return f"`{leaf.code}`", str(leaf.status), retry, sentence(leaf)


def decision_page() -> str:
    """Return what a decision says, and every reason, strategy, limit and tier."""
    parts = []
    for owner in (decision.Decision, decision.Verdict):
        rows = [(f"`{each.name}`", each.doc) for each in fields(owner)]
        parts.append(
            f"## {owner.__name__}\n\n{sentence(owner)}\n\n{table(('field', 'what'), rows)}"
        )
    reasons = [
        (f"`{each.name.lower()}`", f"`{each.value}`", doc)
        for each, doc in documented(decision.Reason)
    ]
    head = ("reason", "on the ledger", "what")
    parts.append(f"## Reasons\n\n{sentence(decision.Reason)}\n\n{table(head, reasons)}")
    for kind in (decision.Strategy, decision.Limit, target.Tier, target.Capability, target.Kind):
        values = ", ".join(f"`{value(each)}`" for each, _ in documented(kind))
        parts.append(f"## {kind.__name__}\n\n{sentence(kind)}\n\nOne of {values}.")
    return "\n\n".join(parts)


def complexity_page() -> str:
    """Return the table that the estimate is made of."""
    rows = [
        (f"`{each.sign}`", f"{each.share:.2f}", f"{each.full:g}", each.why)
        for each in complexity.WEIGHTS
    ]
    head = ("sign", "share", "counts in full from", "why")
    steps = [(f"`{step.value}`", f"{factor:g}") for step, factor in complexity.STEP_FACTOR.items()]
    return f"{table(head, rows)}\n\n{table(('step', 'the sum times'), steps)}"


def finding_page() -> str:
    """Return everything that ``switchgear check`` can find."""
    rows = [
        (f"`{code}`", severity.value, prose(meaning))
        for code, (severity, meaning) in FINDINGS.items()
    ]
    return table(("code", "how grave", "what"), rows)


def header_page() -> str:
    """Return every header of ours, read and sent."""
    parts = []
    for title, listed in (("Read", header.READ), ("Sent", header.SENT)):
        rows = [(f"`{each.name}`", each.meaning) for each in listed]
        parts.append(f"## {title}\n\n{table(('header', 'what it says'), rows)}")
    return "\n\n".join(parts)


def metric_page() -> str:
    """Return every metric that is there to scrape."""
    rows = []
    for each in METRICS:
        labels = ", ".join(f"`{label}`" for label in each.labels)
        rows.append((f"`{each.name}`", each.shape.value, labels, each.unit, each.meaning))
    return table(("metric", "kind", "labels", "unit", "what"), rows)


def fault_page() -> str:
    """Return every fault of the scripted upstream, by when it strikes."""
    parts = []
    for phase, told in documented(Phase):
        rows = [_fault_row(each) for each in CATALOGUE if each.phase is phase]
        head = ("model", "what it does", "what a caller gets", "whole")
        title = "Good answers" if phase is Phase.NEVER else f"In phase `{value(phase)}`"
        found = (f"## {title}", told, table(head, rows))
        parts.append("\n\n".join(each for each in found if each))
    expected = [(f"`{value(each)}`", told) for each, told in documented(Expect)]
    parts.append(f"## What a caller gets\n\n{table(('word', 'what'), expected)}")
    return "\n\n".join(parts)


def _fault_row(each: Fault) -> tuple[str, ...]:
    only = next(iter(each.forms)).value if len(each.forms) == 1 else ""
    said = f"{each.sentence} Only {only}." if only else each.sentence
    return f"`{each.name}`", said, each.expect.value, each.whole.value if each.whole else ""


def condition_page() -> str:
    """Return every variable that a condition can read."""
    rows = [
        (f"`{each.name}`", f"`{each.type}`", prose(each.meaning)) for each in condition.VARIABLES
    ]
    return table(("variable", "type", "what"), rows)


def ledger_page() -> str:
    """Return every table and column, from the migrations."""
    folder = files("switchgear.adapters.ledgers.sqlite") / "migrations"
    scripts = sorted(each.name for each in folder.iterdir() if each.name.endswith(".sql"))
    texts = [(folder / name).read_text("utf-8") for name in scripts]
    added = re.findall(r"ALTER TABLE (\w+) ADD COLUMN (.*?);(.*)", "\n".join(texts))
    parts = []
    for name, text in zip(scripts, texts, strict=True):
        opening = " ".join(re.findall(r"^-- (.*)$", text, re.MULTILINE))
        parts.append(f"`{name}`: {opening}")
        for found in re.finditer(r"CREATE TABLE (\w+) \(\n(.*?)\n\)", text, re.DOTALL):
            head = ("column", "type", "what")
            later = [f"  {column}{note}" for changed, column, note in added if changed == found[1]]
            body = "\n".join([found[2], *later])
            parts.append(f"## {found[1]}\n\n{table(head, columns(body))}")
        views = re.finditer(r"CREATE VIEW (\w+) AS\n(.*?);", text, re.DOTALL)
        parts += [
            f"## {view[1]} (a view)\n\n```sql\n{view[2]}\n```"
            for view in views
            if not any(f"DROP VIEW {view[1]};" in each for each in texts[scripts.index(name) + 1 :])
        ]
    return "\n\n".join(parts)


def columns(body: str) -> Rows:
    """Return the columns of a CREATE TABLE, each with the comment beside it."""
    rows: list[tuple[str, ...]] = []
    for line in body.splitlines():
        found = re.match(
            r"\s+([a-z0-9_]+) ([A-Z][A-Za-z ]*?[a-z_ ]*?(?: '?\w*'?)?),?\s*(?:-- (.*))?$", line
        )
        if found:
            rows.append((f"`{found[1]}`", found[2].strip(), found[3] or ""))
    return rows


def command_page() -> str:
    """Return the help of every command."""
    line, parts = cli.assemble(), []
    for path in command_paths():
        shown = CliRunner().invoke(line, [*path, "--help"], env=TERMINAL, prog_name="switchgear")
        text = "\n".join(each.rstrip() for each in shown.output.strip().splitlines())
        parts.append(f"## switchgear {' '.join(path)}\n\n```text\n{text}\n```")
    return "\n\n".join(parts)


def command_paths() -> Iterator[list[str]]:
    """Return the words that name each command, in the order of the help."""
    for name, command in cli.COMMANDS:
        if isinstance(command, typer.Typer):
            for each in command.registered_commands:
                yield [name, each.name or str(getattr(each.callback, "__name__", ""))]
        else:
            yield [name]


def wire_page() -> str:
    """Return what each pair of dialects carries."""
    parts = []
    for way in wire.WAYS:
        for caller in wire.callers():
            head, *rows = wire.grid(way, caller, list(TONGUES))
            parts.append(f"## {wire.title(way, caller)}\n\n{table(head, rows)}")
    words = [(f"`{value(each)}`", told) for each, told in documented(Fate)]
    return "\n\n".join([table(("word", "what became of a feature"), words), *parts])


def record_page() -> str:
    """Return the list of decision records, by number."""
    lines = []
    for path in sorted((FOLDER / "adr").glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].partition(": ")[2]
        lines.append(f"- [{path.stem[:4]}]({path.name}): {title[:1].lower()}{title[1:]}")
    return "\n".join(lines)


PAGES = (
    Page(
        "reference/errors",
        "Errors",
        "Every error that a caller can get, by whose fault it is. Its `code` is stable; with"
        " *retry* no, the answer says `x-should-retry: false`.",
        error_page,
    ),
    Page(
        "reference/decisions",
        "Decisions",
        "What the engine says of every call, and the words it says it with.",
        decision_page,
    ),
    Page(
        "reference/settings",
        "Settings",
        "Every key of the configuration file. A key that is not listed is an error. `ID` stands for"
        " a name of your choice, `[]` for each of a list.",
        setting.setting_page,
    ),
    Page(
        "reference/providers",
        "Providers",
        "What is known of each vendor: a provider that says `vendor` in the configuration has all"
        " of this, unless the owner writes otherwise. See [the guide](../guide/providers.md)."
        " Changes are for chat completions, and are made only where a request holds such a field;"
        " what is dropped is named in `x-switchgear-dropped`.",
        vendor.vendor_page,
    ),
    Page(
        "reference/findings",
        "Findings",
        "What `switchgear check` can say of a configuration. An error keeps it from going live.",
        finding_page,
    ),
    Page(
        "reference/headers",
        "Headers",
        "What a request may say, and what every answer says. A header that belongs to a dialect,"
        " such as `anthropic-beta`, goes on to a target that speaks it.",
        header_page,
    ),
    Page(
        "reference/metrics",
        "Metrics",
        "What `/metrics` has for Prometheus. A counter is scraped with `_total` behind its name, a"
        " histogram with `_bucket`, `_count` and `_sum`.",
        metric_page,
    ),
    Page(
        "reference/conditions",
        "Conditions",
        "What the `when` of a rule can read. A condition is an expression in CEL, the Common"
        " Expression Language, that comes to true or false; one that fails for a call does not"
        " hold.",
        condition_page,
    ),
    Page(
        "reference/faults",
        "Faults",
        "What `switchgear faultd` serves to a request that names one of these as its model. A"
        " number at the end of a name can be another one. Behind any name, `-once` strikes only"
        " the first request, `-half` two in turn and then two not; what follows `@` is a scope."
        " *Whole* is what differs for answers that are not streamed. See"
        " [the guide](../guide/rehearsal.md).",
        fault_page,
    ),
    Page(
        "reference/wires",
        "Wires",
        "What becomes of each feature between a caller's dialect and a target's, as `switchgear"
        " wires` prints it: found by writing it and reading it back. A dash stands for what the"
        " side that would say it has no words for. Where both speak the same, bytes go through as"
        " they came. See [the guide](../guide/wires.md).",
        wire_page,
    ),
    Page("reference/complexity", "Complexity", prose(complexity.__doc__ or ""), complexity_page),
    Page("reference/ledger", "The ledger", "An SQLite file, and what is in it.", ledger_page),
    Page(
        "reference/commands",
        "Commands",
        "Every command says this of itself with `--help`.",
        command_page,
    ),
    Page(
        "adr/README",
        "Decision records",
        "Choices that would be costly to reverse, one page each: the context, the choice, what was"
        " given up, and how we would notice that it was wrong. Files are `NNNN-title.md`, numbered"
        " as they were written. A record is not rewritten when a later one overrules it: the later"
        " one says so, and the earlier gets a line at its top that points there.",
        record_page,
    ),
)
"""Every page that is written from the code."""


def render(page: Page) -> str:
    """Return the whole text of a page."""
    return f"{NOTE}\n# {page.title}\n\n{page.intro}\n\n{page.write()}\n"


def differences(page: Page) -> list[str]:
    """Return how the page that is there differs from what the code says."""
    path = FOLDER / f"{page.name}.md"
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(
        difflib.unified_diff(
            there.splitlines(),
            render(page).splitlines(),
            str(path.relative_to(FOLDER)),
            "the code",
            lineterm="",
        )
    )


def main() -> int:
    """Write all pages, or say what is out of date."""
    if "--check" in sys.argv[1:]:
        found = [line for page in PAGES for line in differences(page)]
        print("\n".join([*found, "docs is out of date; run `make docs`"]) if found else "")
        return 1 if found else 0
    for page in PAGES:
        (FOLDER / f"{page.name}.md").write_text(render(page), encoding="utf-8")
        print(f"docs/{page.name}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
