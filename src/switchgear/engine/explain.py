"""Say in words what was asked, what was decided and why, what was tried, and what came of it."""

from collections.abc import Mapping

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.call import Call
from switchgear.domain.caller import Mode
from switchgear.domain.decision import Decision, Verdict
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.entry import End, Entry
from switchgear.domain.fact import Decided
from switchgear.domain.leaf import leaves
from switchgear.domain.target import Target
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds
from switchgear.engine.belonging import Belonging, belonging
from switchgear.engine.escalated import Escalated, May, escalated, may_escalate
from switchgear.engine.looped import Looped, looped
from switchgear.engine.policy import Policy
from switchgear.engine.sentence import SENTENCES

CODES = {
    **{each.code: (each.__doc__ or "").partition("\n")[0].rstrip(".") for each in leaves()},
    "client_left": "The caller went away",
}
"""What each error code means."""

ENDINGS = {
    End.ANSWERED: "{target} answered to the end.",
    End.CUT: "{target} broke off after content had been seen, and the caller was told: {code}.",
    End.LEFT: "The caller went away before the end.",
    End.FAILED: "The caller got an error: {code}.",
}


OURSELVES = "The gateway itself"
"""Where an answer is no target's."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked."""

    model: str
    dialect: str
    stream: bool
    endpoint: str = "answer"
    """What was wanted."""
    key: str = ""
    tenant: str = ""
    agent: str = ""
    task: str = ""
    read: bool = True
    """Whether the call got so far that its body was read; what follows is empty otherwise."""
    step: str = ""
    input_tokens: int = 0
    max_output: int | None = None
    needs: tuple[str, ...] = ()
    turns: int = 0
    tools: int = 0
    metadata: dict[str, str] = {}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One target, and what was thought of it."""

    target: str
    kind: str = ""
    """Empty, as the tier, where the policy is not kept."""
    tier: str = ""
    place: int | None = None
    """In the plan, from 1; None when it is not there."""
    reason: str
    sentence: str
    cost_usd: float | None = None
    """Expected; None, as the latency, where it was struck out before that was computed."""
    latency_s: Seconds | None = None
    score: float | None = None
    """What the strategy ordered by; lower is better."""
    chance: float | None = None
    """How likely its answer is to do, where enough is known to choose by it."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, and what came back."""

    target: str
    role: str
    """Why it was made."""
    model: str
    code: str
    status: int
    began_s: Seconds
    first_content_s: Seconds | None
    took_s: Seconds
    cost_usd: float
    input: int | None = None
    """Tokens; None, as the others, where nobody told."""
    cached: int | None = None
    output: int | None = None
    estimated: bool = False
    stop: str = ""
    dropped: tuple[str, ...] = ()
    note: str = ""
    broken: int = 0
    """Events of its stream that could not be read, and were left out."""
    flaw: str = ""
    sentence: str


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided."""

    plan: tuple[str, ...]
    tier: str
    complexity: float
    rule: str
    strategy: str
    relaxed: tuple[str, ...]
    sticky: bool
    policy: str
    why: str
    """Why the first of the plan beat the second."""
    propensity: float = 1.0
    """How probable it was that this one would be the first of the plan, over all draws."""
    explored: bool = False
    """The first was tried in order to learn of it, though another seemed better."""
    targets: tuple[Judged, ...]
    """Every target there was, in the policy's order."""
    replayed: bool | None
    """Whether deciding again gives the same; None when the policy or the ask is not kept."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    end: str
    code: str
    status: int
    target: str
    sentence: str
    skipped: tuple[str, ...] = ()
    """Targets of the plan that could not be called by their turn, and why, where it was not their
    breaker or want of time: ``small (over_budget)``."""
    cost_usd: float
    baseline_usd: float | None
    bytes_in: int = 0
    """Of what is passed through; 0 else, as ``bytes_out``."""
    bytes_out: int = 0
    first_content_s: Seconds | None
    took_s: Seconds
    own_s: Seconds | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One call, from the question to what came of it."""

    id: str
    at: int | None = None
    """Unix milliseconds; None, as the outcome, when nothing was sent."""
    mode: str
    question: Question
    choice: Choice | None
    """None when the call was refused before a decision."""
    tries: tuple[Try, ...] = ()
    outcome: Outcome | None = None
    answer_of: str = ""
    """The decision whose answer it got, under the same idempotency key; empty for its own."""
    belongs: Belonging | None = None
    """Which task it belongs to; None where that is not known."""
    looped: Looped | None = None
    """What was done because its task goes in circles; None for nothing."""
    escalated: tuple[Escalated, ...] = ()
    """Each time that its answer was not good enough, and a stronger target was asked."""
    may_escalate: May | None = None
    """Of a preview: when its answer would go up; None where it never does."""
    capped: str = ""
    """The cap that its task came to, where it was answered all the same; empty for none."""
    learnt: str = ""
    """The version of what was learnt that was asked, and how much came since; empty for none."""


def explain(entry: Entry, policy: Policy | None, replayed: Decision | None) -> Explanation:
    """Explain one call of the ledger.

    ``policy`` and ``replayed`` are None when the policy, or what it judged by, is not kept:
    then there are no figures.
    """
    decision = entry.decision
    return Explanation(
        id=entry.id,
        at=entry.at,
        mode=entry.mode.value,
        question=_question(entry),
        choice=None if decision is None else _choice(decision, policy, replayed),
        tries=tuple(_try(attempt) for attempt in entry.attempts),
        outcome=_outcome(entry),
        answer_of=entry.replayed,
        belongs=belonging(entry),
        looped=looped(entry),
        escalated=escalated(entry),
        capped="" if entry.rung else entry.evidence,
        learnt=entry.odds.version,
    )


def preview(call: Call, decided: Decided, policy: Policy) -> Explanation:
    """Explain a decision of which nothing was sent."""
    ask, decision = decided.ask, decided.decision
    return Explanation(
        id=call.id,
        mode=decided.mode.value,
        question=_read(ask, ask, call.endpoint),
        choice=_choice(decision, policy, decision),
        may_escalate=_may_escalate(call, decided, policy),
        learnt=decided.odds.version,
    )


def _may_escalate(call: Call, decided: Decided, policy: Policy) -> May | None:
    if call.endpoint is not Endpoint.ANSWER or decided.mode is Mode.OBSERVE:
        return None
    return may_escalate(policy, decided.decision, decided.ask.model)


def to_json(explanation: Explanation) -> dict[str, object]:
    """Return the explanation as JSON-able values."""
    values: dict[str, object] = msgspec.to_builtins(explanation)
    return values


def agrees(stored: Decision, replayed: Decision) -> bool:
    """Whether two decisions are the same, but for figures and details, which are not stored.

    How probable a choice was is a figure too: older rows have none.
    """
    return _plain(stored) == _plain(replayed)


def usd(money: NanoUsd) -> float:
    """Return money for people and JSON; it is never reckoned with."""
    return money / NANO_PER_USD


def _plain(decision: Decision) -> Decision:
    verdicts = tuple(Verdict(target=it.target, reason=it.reason) for it in decision.verdicts)
    return msgspec.structs.replace(decision, verdicts=verdicts, propensity=1.0, explored=False)


def _question(entry: Entry) -> Question:
    if entry.ask is not None:
        return _read(entry.ask, entry, entry.endpoint)
    return Question(
        model=entry.model,
        dialect=entry.dialect.value,
        stream=entry.stream,
        endpoint=entry.endpoint.value,
        key=entry.key,
        tenant=entry.tenant,
        agent=entry.agent,
        task=entry.task,
        read=False,
    )


def _read(ask: Ask, said: Ask | Entry, endpoint: Endpoint) -> Question:
    return Question(
        model=said.model,
        dialect=said.dialect.value,
        stream=said.stream,
        endpoint=endpoint.value,
        key=said.key,
        tenant=said.tenant,
        agent=said.agent,
        task=said.task,
        step=ask.step.value,
        input_tokens=ask.input_tokens,
        max_output=ask.max_output,
        needs=tuple(sorted(need.value for need in ask.needs)),
        turns=ask.shape.turns,
        tools=ask.shape.tools,
        metadata=dict(ask.metadata),
    )


def _choice(decision: Decision, policy: Policy | None, replayed: Decision | None) -> Choice:
    targets = {} if policy is None else {target.id: target for target in policy.targets}
    again = {} if replayed is None else {each.target: each for each in replayed.verdicts}
    verdicts = [_with_figures(each, again) for each in decision.verdicts]
    return Choice(
        plan=decision.plan,
        tier=decision.tier.name.lower(),
        complexity=decision.complexity,
        rule=decision.rule,
        strategy=decision.strategy.value,
        relaxed=tuple(limit.value for limit in decision.relaxed),
        sticky=decision.sticky,
        policy=decision.policy,
        why=_why(decision, {each.target: each for each in verdicts}),
        propensity=decision.propensity,
        explored=decision.explored,
        targets=tuple(_judged(each, decision, targets.get(each.target)) for each in verdicts),
        replayed=None if replayed is None else agrees(decision, replayed),
    )


def _with_figures(verdict: Verdict, again: Mapping[str, Verdict]) -> Verdict:
    """Take the figures of the same judgement, made again."""
    found = again.get(verdict.target, verdict)
    return found if found.reason is verdict.reason else verdict


def _judged(verdict: Verdict, decision: Decision, target: Target | None) -> Judged:
    detail = f": {verdict.detail}" if verdict.detail else ""
    planned = verdict.target in decision.plan
    return Judged(
        target=verdict.target,
        kind="" if target is None else target.kind.value,
        tier="" if target is None else target.tier.name.lower(),
        place=decision.plan.index(verdict.target) + 1 if planned else None,
        reason=verdict.reason.name.lower(),
        sentence=f"{SENTENCES[verdict.reason]}{detail}.",
        cost_usd=None if verdict.cost is None else usd(verdict.cost),
        latency_s=verdict.latency,
        score=verdict.score,
        chance=verdict.chance,
    )


def _why(decision: Decision, verdicts: Mapping[str, Verdict]) -> str:
    """Return the decision's own reason, with the figures of the first and the second beside it."""
    figures = [_figures(verdicts[name]) for name in decision.plan[:2] if name in verdicts]
    if not all(figures) or not figures:
        return decision.why
    return f"{decision.why} ({' against '.join(figures)})"


def _figures(verdict: Verdict) -> str:
    if verdict.cost is None or verdict.latency is None:
        return ""
    return f"${usd(verdict.cost):.6f} and {verdict.latency:.2f} s"


def _try(attempt: Attempt) -> Try:
    usage = attempt.usage
    return Try(
        target=attempt.target,
        role=attempt.role.value,
        model=attempt.model,
        code=attempt.code,
        status=attempt.status,
        began_s=attempt.began,
        first_content_s=attempt.first_content,
        took_s=attempt.took,
        cost_usd=usd(attempt.cost),
        input=None if usage is None else usage.input,
        cached=None if usage is None else usage.cached,
        output=None if usage is None else usage.output,
        estimated=attempt.estimated,
        stop="" if attempt.stop is None else attempt.stop.value,
        dropped=attempt.dropped,
        note=attempt.note,
        broken=attempt.broken,
        flaw=attempt.flaw,
        sentence=f"{_in_words(attempt.code)}." if attempt.code else "It answered to the end.",
    )


def _outcome(entry: Entry) -> Outcome:
    sentence = ENDINGS[entry.end].format(
        target=entry.target or OURSELVES, code=_in_words(entry.code)
    )
    return Outcome(
        end=entry.end.value,
        code=entry.code,
        status=entry.status,
        target=entry.target,
        sentence=sentence,
        skipped=tuple([each.replace("(", " (") for each in entry.skipped]),
        cost_usd=usd(entry.cost),
        bytes_in=entry.bytes_in,
        bytes_out=entry.bytes_out,
        baseline_usd=None if entry.baseline is None else usd(entry.baseline),
        first_content_s=entry.first_content,
        took_s=entry.took,
        own_s=entry.own,
    )


def _in_words(code: str) -> str:
    return CODES.get(code, code)
