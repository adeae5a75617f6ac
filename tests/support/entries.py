"""Entries for the ledger: plain ones by hand, and any that there can be by hypothesis."""

from typing import Any, cast

import msgspec
from hypothesis import strategies as st

from support.cast import ask
from switchgear.domain.account import Account, Amount, Charge, Payer, Window
from switchgear.domain.ask import Ask, Counts, Shape
from switchgear.domain.attempt import Attempt, Role
from switchgear.domain.decision import Decision, Reason, Strategy, Verdict
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry
from switchgear.domain.event import Usage
from switchgear.domain.odds import NO_ODDS, Bar, Chance, Odds
from switchgear.domain.situation import Fault, Latency, Reading, Situation
from switchgear.domain.target import Tier
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs

NAMES = ("small", "mid", "large", "calc")
READY = Situation(
    id="s1",
    readings={"small": Reading(first_content=Latency(Seconds(0.2), Seconds(0.4), Seconds(0.9)))},
)


def decision(**changes: object) -> Decision:
    letters = (Reason.CHOSEN, Reason.FALLBACK, Reason.NOT_NEEDED, Reason.BAD_INPUT)
    plain = Decision(
        plan=("small", "mid"),
        verdicts=tuple(
            Verdict(target=name, reason=each) for name, each in zip(NAMES, letters, strict=True)
        ),
        policy="v1",
        strategy=Strategy.COST,
        tier=Tier.SMALL,
        complexity=0.25,
        why="cheapest for tier small, before mid",
    )
    return msgspec.structs.replace(plain, **changes)


def attempt(target: str = "small", **changes: object) -> Attempt:
    plain = Attempt(
        target=target,
        model=f"model-{target}",
        status=200,
        began=Seconds(0.001),
        first_content=Seconds(0.2),
        took=Seconds(0.5),
        usage=Usage(input=Tokens(420), output=Tokens(60)),
        cost=NanoUsd(66_000),
    )
    return msgspec.structs.replace(plain, **changes)


def entry(name: str = "sg_1", **changes: object) -> Entry:
    plain = Entry(
        id=name,
        at=UnixMs(1_750_000_000_000),
        dialect=Dialect.OPENAI_CHAT,
        stream=True,
        model="auto",
        end=End.ANSWERED,
        status=200,
        target="small",
        cost=NanoUsd(66_000),
        first_content=Seconds(0.201),
        took=Seconds(0.501),
        own=Seconds(0.001),
        digest="0123456789abcdef0123456789abcdef",
        ask=ask(),
        situation=READY,
        decision=decision(),
        attempts=(attempt(),),
    )
    return msgspec.structs.replace(plain, **changes)


def bare(found: Entry | None) -> Entry | None:
    """As the ledger gives it back: verdicts without figures and details, and nothing to pay."""
    if found is None:
        return None
    found = msgspec.structs.replace(found, charges=())
    if found.decision is None:
        return found
    verdicts = tuple(
        Verdict(target=each.target, reason=each.reason) for each in found.decision.verdicts
    )
    return msgspec.structs.replace(
        found, decision=msgspec.structs.replace(found.decision, verdicts=verdicts)
    )


words = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.sampled_from([*NAMES, "gpt-4o", "Ü"])
counts = st.integers(0, 10**6).map(Tokens)
money = st.integers(0, 2**60).map(NanoUsd)
spans = st.integers(0, 10**10).map(lambda micro: Seconds(micro / 1_000_000))
figures = st.floats(0, 1e6)
hexes = st.binary(max_size=16).map(bytes.hex)
pairs = st.lists(st.tuples(words, words), max_size=2).map(tuple)
latencies = st.builds(Latency, figures, figures, figures)
readings = st.builds(
    Reading,
    first_content=st.none() | latencies,
    token=st.none() | latencies,
    in_flight=st.integers(0, 99),
    fault=st.none() | st.sampled_from(Fault),
    until=st.none() | st.integers(0, 2**42).map(UnixMs),
    known=st.booleans(),
    poor=st.lists(words, max_size=2).map(tuple),
    halted=st.booleans(),
)
situations = st.dictionaries(names, readings, min_size=1).map(
    lambda found: Situation(id=msgspec.json.encode(found).hex(), readings=found)
)


def _built(kind: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Also what has a default is drawn."""
    hints = msgspec.structs.fields(cast("Any", kind))
    return st.builds(kind, **{each.name: fields.get(each.name, ...) for each in hints})


def _counted(kind: type) -> dict[str, st.SearchStrategy[Any]]:
    hints = msgspec.structs.fields(cast("Any", kind))
    return {each.name: counts for each in hints if each.type is int}


shapes = _built(Shape, **_counted(Shape), counts=_built(Counts, **_counted(Counts)))
asks = _built(
    Ask,
    model=words,
    shape=shapes,
    input_tokens=counts,
    max_output=st.none() | counts,
    system_digest=hexes | words,
    tools_digest=hexes,
    key=words,
    tenant=words,
    agent=words,
    task=words,
    task_name=words,
    task_step=counts,
    held=names,
    metadata=pairs,
    unfit=pairs,
    draw=st.floats(0, 1, exclude_max=True),
)
decisions = _built(
    Decision,
    plan=st.lists(names, unique=True, max_size=3).map(tuple),
    verdicts=st.lists(st.builds(Verdict, target=names, reason=...), max_size=5).map(tuple),
    policy=words,
    rule=words,
    complexity=st.floats(0, 1),
    propensity=st.floats(0, 1),
    why=words,
)
chances = st.builds(Chance, names, st.floats(0, 1), st.floats(0, 1), st.booleans())
bars = st.builds(Bar, names, st.floats(0, 1), st.floats(0, 1), st.floats(0, 2))
odds = st.just(NO_ODDS) | st.builds(
    Odds,
    version=st.sampled_from(["m1", "m2"]),
    chances=st.lists(chances, max_size=3).map(tuple),
    bars=st.lists(bars, max_size=2).map(tuple),
    purse=money,
    rate=st.floats(0, 1),
)
usages = _built(
    Usage, **{each.name: counts for each in msgspec.structs.fields(Usage) if each.type is Tokens}
)
attempts = _built(
    Attempt,
    target=names,
    model=words,
    status=st.integers(0, 999),
    began=spans,
    first_content=st.none() | spans,
    took=spans,
    usage=st.none() | usages,
    cost=money,
    dropped=st.lists(words, max_size=2).map(tuple),
    note=words,
    role=st.sampled_from(Role),
    broken=st.integers(0, 99),
    flaw=words,
    expected_input=counts,
)
accounts = st.builds(Account, st.sampled_from(Payer), words, st.sampled_from(Window), st.just(0))
charges = _built(
    Charge,
    reservation=words,
    accounts=st.lists(accounts, max_size=2).map(tuple),
    amount=_built(Amount, money=money, tokens=counts, calls=counts),
)
entries = _built(
    Entry,
    id=words,
    at=st.integers(0, 2**45).map(UnixMs),
    model=words,
    key=words,
    tenant=words,
    task=words,
    agent=words,
    task_name=words,
    task_source=words,
    task_confidence=st.floats(0, 1),
    parent_task=words,
    step=counts,
    rung=words,
    signals=st.lists(names, max_size=2).map(tuple),
    evidence=words,
    given=st.lists(st.tuples(words, counts), max_size=2).map(tuple),
    handoff=words,
    status=st.integers(0, 999),
    target=st.just("") | names,
    cost=money,
    first_content=st.none() | spans,
    took=spans,
    own=st.none() | spans,
    baseline=st.none() | money,
    digest=hexes,
    ask=st.none() | asks,
    situation=st.none() | situations,
    decision=st.none() | decisions,
    odds=odds,
    left_out=st.lists(names, max_size=2).map(tuple),
    attempts=st.lists(attempts, max_size=3).map(tuple),
    request=st.none() | st.binary(max_size=20),
    replayed=words,
    bytes_in=counts,
    bytes_out=counts,
    skipped=st.lists(names, max_size=2).map(tuple),
    waited=spans,
    charges=st.lists(charges, max_size=2).map(tuple),
)
