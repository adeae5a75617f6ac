"""Write the rules that follow from an audit, as YAML with the evidence beside it."""

from collections.abc import Iterable, Sequence
from itertools import count
from textwrap import wrap

from switchgear.engine.audit.evidence import Basis
from switchgear.engine.audit.finding import Advice, Finding
from switchgear.engine.audit.reckoning import Audit

MOST_CONDITION = 1500
"""Characters; beyond that a name is no agent's."""
WIDTH = 88
PRINTABLE = range(0x20, 0x7F)
FEW = 0x10000
MOST_NAME = 60


def rules_of(audit: Audit, *, guesses: bool) -> tuple[Finding, ...]:
    """Return the findings that become rules; guesses only where they are wanted."""
    return tuple(
        [
            each
            for each in audit.findings
            if each.follows
            and each.advice is not None
            and (guesses or each.advice.known)
            and _sayable(each)
        ]
    )


def _sayable(finding: Finding) -> bool:
    """Whether a condition can name the group: what is not printable is nobody's name."""
    kind = finding.kind
    plain = kind.agent.isprintable() and kind.route.isprintable()
    return plain and len(condition(finding)) <= MOST_CONDITION


def condition(finding: Finding) -> str:
    """Return when the rule of a finding holds, in CEL."""
    kind = finding.kind
    parts = {"task.agent": kind.agent, "ask.model": kind.route, "ask.step": kind.step}
    return " && ".join([f"{name} == {literal(value)}" for name, value in parts.items()])


def literal(text: str) -> str:
    """Return a text as CEL writes it, in ASCII: nothing in it can end it, or begin a new line."""
    return '"' + "".join([_letter(each) for each in text]) + '"'


def draft(findings: Sequence[Finding], indent: int, taken: Iterable[str] = ()) -> list[str]:
    """Return the lines of these rules as items of a block sequence that begins at a column."""
    pad, names, lines = " " * indent, set(taken), []
    for each in findings:
        advice = each.advice
        if advice is None:
            continue
        name = _name(each, names)
        names.add(name)
        lines += [
            f"{pad}- name: {name}",
            *[f"{pad}  # {line}" for line in wrap(evidence(each, advice), WIDTH - indent)],
            f"{pad}  when: '{_quoted(condition(each))}'",
            f"{pad}  then:",
            f"{pad}    tier: {advice.tier.name.lower()}",
            f"{pad}    strategy: cost",
            f"{pad}    targets: [{', '.join(_plain(name) for name in advice.targets)}]",
        ]
    return lines


def flow(findings: Sequence[Finding], taken: Iterable[str] = ()) -> list[str]:
    """Return the same rules as JSON objects, which any YAML can hold in one line."""
    names, items = set(taken), []
    for each in findings:
        advice = each.advice
        if advice is None:
            continue
        name = _name(each, names)
        names.add(name)
        targets = ", ".join(_plain(one) for one in advice.targets)
        then = (
            f'{{"tier": "{advice.tier.name.lower()}", "strategy": "cost", "targets": [{targets}]}}'
        )
        items.append(f'{{"name": "{name}", "when": {_plain(condition(each))}, "then": {then}}}')
    return items


def evidence(finding: Finding, advice: Advice) -> str:
    """Return what speaks for a rule, in a sentence or two."""
    cost = finding.cost / finding.answered if finding.answered else 0.0
    told = (
        f"{finding.calls:,} calls, {finding.share:.1%} of all, {cost:.6f} $ each."
        f" {_said(advice)} It would save {advice.saving:,.4f} $ of {finding.cost:,.4f} $"
        f" ({advice.share:.0%})."
    )
    return "".join([_letter(each) for each in told]).replace('\\"', '"')


def _said(advice: Advice) -> str:
    tried = advice.tried
    if advice.basis is Basis.LABELS:
        return (
            f"{advice.target} did well {tried.labels - tried.failures:,} of {tried.labels:,} times"
            f" that were judged: surely in {advice.surely:.1%}."
        )
    if advice.basis is Basis.LEARNT:
        return f"{advice.target} is expected to do in {advice.learnt or 0.0:.1%}, as was learnt."
    return (
        f"A guess, by how hard the calls look: {advice.target} may do;"
        f" {advice.wanted:,} good labels would make it sure."
    )


def _name(finding: Finding, taken: set[str]) -> str:
    kind = finding.kind
    words = "-".join([it for it in (kind.agent, kind.route, kind.step) if it])
    plain = "".join([it if it.isascii() and (it.isalnum() or it in "-_.") else "-" for it in words])
    base = f"audit-{plain[:MOST_NAME]}".rstrip("-.")
    if base not in taken:
        return base
    return next(name for number in count(2) if (name := f"{base}-{number}") not in taken)


def _letter(letter: str) -> str:
    code = ord(letter)
    if letter in '\\"':
        return "\\" + letter
    if code in PRINTABLE:
        return letter
    return f"\\u{code:04x}" if code < FEW else f"\\U{code:08x}"


def _quoted(text: str) -> str:
    """Return a text for between YAML's single quotes."""
    return text.replace("'", "''")


def _plain(text: str) -> str:
    """Return a text as JSON and YAML's double quotes both have it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
