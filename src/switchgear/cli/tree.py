"""Draws the explanation of a call as a tree for the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.text import Text
from rich.tree import Tree

from switchgear.domain.endpoint import Endpoint
from switchgear.engine.belonging import Belonging
from switchgear.engine.escalated import Escalated, May, Result
from switchgear.engine.explain import Choice, Explanation, Judged, Outcome, Question, Try
from switchgear.engine.looped import Looped

PICKED, PLANNED, STRUCK, FAILED = "bold green", "green", "dim", "red"
REPLAYS = {
    True: "deciding again gives the same",
    False: "deciding again gives something else: this release decides differently",
    None: "not replayed: its policy is not kept",
}
ROLES = {
    "retry": "  once more",
    "fallback": "  as the next in the plan",
    "hedge": "  beside one that was late",
    "rescue": "  to go on with what broke off",
    "escalation": "  because the answer before was not good enough",
}
RESULTS = {
    Result.BETTER: "its answer was delivered",
    Result.NO_BETTER: "it did no better, and an earlier answer was delivered",
    Result.FAILED: "it gave no answer, and an earlier one was delivered",
}
HIDDEN = "·"
NOTHING = "-"


def draw(explanation: Explanation) -> Tree:
    """Return the whole call: the question, the choice, the tries and the outcome."""
    tree = Tree(_line(("decision ", ""), (explanation.id, "bold"), (_head(explanation), "dim")))
    _add(tree, "asked", _question(explanation.question))
    if explanation.answer_of:
        _add(tree, "again", [f"it got the answer to {explanation.answer_of}"])
    _draw_task(tree, explanation)
    if explanation.choice is not None:
        _draw_choice(tree, explanation.choice, explanation.learnt)
    elif not explanation.answer_of:
        tree.add(_line(("decided  ", "bold"), ("nothing: it was refused before that", "")))
    if explanation.tries:
        branch = tree.add(_line(("tried", "bold")))
        for number, each in enumerate(explanation.tries, 1):
            _draw_try(branch, number, each)
    elif explanation.outcome is not None:
        tree.add(_line(("tried    ", "bold"), ("nobody", "")))
    if explanation.outcome is not None:
        _draw_outcome(tree, explanation.outcome)
    return tree


def _draw_task(tree: Tree, explanation: Explanation) -> None:
    _draw_belonging(tree, explanation.belongs)
    _draw_looped(tree, explanation.looped)
    for each in explanation.escalated:
        _add(tree, "went up", _way_up(each))
    if explanation.may_escalate is not None:
        _add(tree, "may go up", _ways_up(explanation.may_escalate))
    if explanation.capped:
        _add(tree, "cap", [explanation.capped])


def _way_up(each: Escalated) -> list[str]:
    why = each.flaw or "not good enough"
    return [f"from {each.weak} to {each.strong}: {why}", RESULTS[each.result]]


def _ways_up(may: May) -> list[str]:
    to = ", ".join(may.targets) or "nobody: none that could serve it is stronger"
    held = "streams are held back for it" if may.streams else "streams are not held back for it"
    facts = [f"to {to}", f"at {', '.join(may.when)}"]
    return [*facts, f"{may.most} x at most, for {money(may.most_usd)}", held]


def shown(text: str) -> str:
    """Return text that may go to a terminal: what a caller sent must not steer it."""
    return "".join([each if each.isprintable() else HIDDEN for each in text])


def date(at: int) -> str:
    """Return Unix milliseconds as a date."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def day(at: int) -> str:
    """Return the day of Unix milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d")


def money(usd: float | None) -> str:
    """Return dollars with as many digits as a call's price needs."""
    return NOTHING if usd is None else f"${usd:.6f}"


def span(seconds: float | None) -> str:
    """Return a span in the unit that people would say it in."""
    if seconds is None:
        return NOTHING
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*[(shown(text), style) for text, style in parts])


def _add(tree: Tree, name: str, facts: Sequence[str]) -> Tree:
    said = ", ".join(fact for fact in facts if fact)
    return tree.add(_line((f"{name:<9}", "bold"), (said, "")))


def _head(explanation: Explanation) -> str:
    when = "" if explanation.at is None else f"  {date(explanation.at)} UTC"
    return f"{when}  mode {explanation.mode}"


def _question(question: Question) -> list[str]:
    whose = [
        f"{name} {value}"
        for name, value in (
            ("key", question.key),
            ("tenant", question.tenant),
            ("agent", question.agent),
        )
        if value
    ]
    whole = [question.model or "no model", question.dialect, *_manner(question)]
    if not question.read:
        return [*whole, *whose, "its body was not read"]
    return [
        *whole,
        question.step.replace("_", " "),
        f"about {question.input_tokens} tokens in",
        "" if question.max_output is None else f"at most {question.max_output} out",
        f"{question.tools} tools" if question.tools else "",
        f"needs {' and '.join(question.needs)}" if question.needs else "",
        *whose,
        *[f"{name}={value}" for name, value in question.metadata.items()],
    ]


def _manner(question: Question) -> list[str]:
    """Return how it was asked, beyond what most calls do."""
    wanted = "" if question.endpoint == Endpoint.ANSWER.value else f"for {question.endpoint}"
    return [wanted, "a stream" if question.stream else ""]


def _draw_belonging(tree: Tree, belongs: Belonging | None) -> None:
    if belongs is None:
        return
    facts = [
        belongs.task,
        belongs.name,
        f"call {belongs.step}" if belongs.step else "",
        f"part of {belongs.parent}" if belongs.parent else "",
    ]
    _add(tree, "task", facts).add(_line((belongs.sentence, "dim")))


def _draw_looped(tree: Tree, looped: Looped | None) -> None:
    if looped is None:
        return
    branch = _add(tree, "circles", [looped.rung, looped.evidence or ", ".join(looped.signals)])
    branch.add(_line((looped.sentence, "yellow")))


def _draw_choice(tree: Tree, choice: Choice, learnt: str) -> None:
    branch = _add(
        tree,
        "decided",
        [
            f"tier {choice.tier}",
            f"complexity {choice.complexity:.2f}",
            f"rule {choice.rule}" if choice.rule else "no rule matched",
            f"strategy {choice.strategy}",
            f"gave up the limit on {' and '.join(choice.relaxed)}" if choice.relaxed else "",
            f"{choice.propensity:.1%} of such calls go there" if choice.propensity < 1 else "",
            f"with what was learnt: {learnt}" if learnt else "",
        ],
    )
    branch.add(_line(("policy ", "dim"), (f"{choice.policy}; {REPLAYS[choice.replayed]}", "dim")))
    if choice.why:
        branch.add(_line(("why    ", ""), (choice.why, PICKED)))
    planned = sorted((it for it in choice.targets if it.place), key=lambda it: it.place or 0)
    others = [each for each in choice.targets if not each.place]
    for each in [*planned, *others]:
        _draw_target(branch, each)


def _draw_target(branch: Tree, each: Judged) -> None:
    style = STRUCK if each.place is None else PICKED if each.place == 1 else PLANNED
    place = f"{each.place}." if each.place else "- "
    kind = " ".join(dict.fromkeys(word for word in (each.tier, each.kind) if word))
    node = branch.add(
        _line((f"{place} {each.target}", style), (f"  {kind}" if kind else "", "dim"))
    )
    node.add(_line((each.sentence, style)))
    if each.cost_usd is not None:
        would = f"would cost {money(each.cost_usd)} and take {span(each.latency_s)}"
        if each.chance is not None:
            would += f", and do with a chance of {each.chance:.2f}"
        node.add(_line((would, "")))


def _draw_try(branch: Tree, number: int, each: Try) -> None:
    style = FAILED if each.code else PICKED
    model = f"  {each.model}" if each.model else ""
    role = ROLES.get(each.role, "")
    node = branch.add(_line((f"{number}. {each.target}", style), (model, "dim"), (role, "")))
    status = f"HTTP {each.status}, " if each.status else ""
    code = f"{each.code}: " if each.code else ""
    node.add(_line((f"{status}{code}{each.sentence}", style)))
    content = "no content"
    if each.first_content_s is not None:
        content = f"content after {span(each.first_content_s)}"
    node.add(_line((f"began at {span(each.began_s)}, {content}, took {span(each.took_s)}", "")))
    if each.input is not None:
        mark = " (our estimate)" if each.estimated else ""
        tokens = f"{each.input} tokens in ({each.cached} cached), {each.output} out{mark}"
        node.add(_line((f"{tokens}, {money(each.cost_usd)}", "")))
    if each.flaw:
        node.add(_line((f"of no use: {each.flaw}", "yellow")))
    if each.broken:
        node.add(_line((f"events that could not be read: {each.broken}", "yellow")))
    if each.dropped:
        node.add(_line((f"not carried over: {', '.join(each.dropped)}", "yellow")))
    if each.note:
        node.add(_line((f"it said: {each.note}", "dim")))


def _draw_outcome(tree: Tree, outcome: Outcome) -> None:
    style = PICKED if outcome.end == "answered" else FAILED
    branch = tree.add(
        _line(("ended    ", "bold"), (f"{outcome.sentence} HTTP {outcome.status}", style))
    )
    if outcome.skipped:
        names = ", ".join(outcome.skipped)
        branch.add(_line((f"passed over, for they could not be called by then: {names}", "yellow")))
    whole = f"ended after {span(outcome.took_s)}"
    if outcome.first_content_s is not None:
        whole = f"first content after {span(outcome.first_content_s)}, {whole}"
    own = "" if outcome.own_s is None else f", of which our own {span(outcome.own_s)}"
    branch.add(_line((whole + own, "")))
    cost = f"cost {money(outcome.cost_usd)}"
    if outcome.baseline_usd is not None:
        cost += f"; what was asked for would have cost {money(outcome.baseline_usd)}"
    branch.add(_line((cost, "")))
