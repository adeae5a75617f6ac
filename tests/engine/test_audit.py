"""What calls need and could do with, on the policy of the cast."""

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import ask, hard, policy
from support.pastime import NOW, POLICY, label, observed, past, target
from switchgear.domain.ask import Step
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.entry import End, Entry
from switchgear.domain.odds import NO_ODDS, Chance, Odds
from switchgear.domain.outcome import Source
from switchgear.domain.target import Tier
from switchgear.engine.audit.draft import condition, draft, flow, literal, rules_of
from switchgear.engine.audit.evidence import (
    MOST_LABELS,
    Basis,
    Evidence,
    Goal,
    Tried,
    labels_wanted,
)
from switchgear.engine.audit.finding import Finding
from switchgear.engine.audit.group import Kindred
from switchgear.engine.audit.histogram import Histogram
from switchgear.engine.audit.reckoning import MOST_GROUPS, Audit, Auditor
from switchgear.engine.condition import compile_condition, compile_conditions
from switchgear.engine.decide import decide
from switchgear.engine.outcome import Label
from switchgear.engine.policy import Rule, Then
from switchgear.engine.whatif.again import Replayer

GOAL = Goal()
ENOUGH = 29
"""0.9 ** 29 is less than 0.05, and 0.9 ** 28 is not."""
SAVED = (0.007 - 0.00014) / 0.007
"""Of large's price, that small leaves: 1,000 tokens in and 100 out."""


def audited(*calls: tuple[Entry, tuple[Label, ...]]) -> Audit:
    auditor = Auditor(POLICY, GOAL)
    for entry, labels in calls:
        auditor.add(entry, labels)
    return auditor.audit()


def watched(number: int, agent: str = "clerk", **changes: object) -> Entry:
    return observed(f"sg_{number}", ask(agent=agent, **changes))


def said(number: int) -> tuple[Label, ...]:
    """Somebody says of the answer of large that small would have done."""
    return (label(target="large", needed=Tier.SMALL),) if number < ENOUGH else ()


def advised(found: Audit) -> tuple[str, Basis]:
    advice = found.findings[0].advice
    assert advice is not None
    return advice.target, advice.basis


def test_enough_labels_make_the_cheap_target_sure() -> None:
    found = audited(*[(watched(number), said(number)) for number in range(40)])
    (finding,) = found.findings
    advice = finding.advice
    assert advice is not None
    assert (advice.target, advice.tier, advice.basis) == ("small", Tier.SMALL, Basis.LABELS)
    assert advice.tried == Tried(29, 0)
    assert advice.surely == pytest.approx(0.05 ** (1 / 29))
    assert advice.share == pytest.approx(SAVED)
    assert found.saving == pytest.approx(40 * 0.007 * SAVED)
    assert advice.targets == ("small", "mid", "large")


def test_one_label_less_is_a_guess_and_says_how_many_are_wanted() -> None:
    found = audited(*[(watched(number), said(number)) for number in range(1, 40)])
    advice = found.findings[0].advice
    assert advice is not None
    assert (advice.target, advice.basis, advice.wanted) == ("small", Basis.GUESS, 1)
    assert found.saving == 0.0


def test_a_guess_goes_by_how_hard_the_calls_look() -> None:
    easy = audited(*[(watched(number), ()) for number in range(20)])
    assert advised(easy) == ("small", Basis.GUESS)
    tough = audited(*[(observed(f"sg_{it}", hard(agent="clerk")), ()) for it in range(20)])
    assert advised(tough) == ("large", Basis.GUESS)


def test_a_cheap_target_that_failed_is_passed_over_for_one_that_did() -> None:
    labels = (label(0.0, target="small"), label(1.0, target="mid"))
    found = audited(*[(watched(number), labels) for number in range(40)])
    assert advised(found) == ("mid", Basis.LABELS)


def test_no_guess_is_made_against_what_was_said() -> None:
    """Each answer was said to have needed its tier, so none below it would have done."""
    labels = (label(1.0, Tier.FRONTIER, target="large"),)
    assert advised(audited(*[(watched(it), labels) for it in range(3)])) == ("large", Basis.GUESS)
    assert advised(audited(*[(watched(it), labels) for it in range(40)])) == (
        "large",
        Basis.LABELS,
    )


def test_that_the_dear_one_does_well_does_not_keep_a_cheap_one_from_being_guessed() -> None:
    labels = (label(1.0, target="large"),)
    assert advised(audited(*[(watched(it), labels) for it in range(40)])) == ("small", Basis.GUESS)


def test_what_was_learnt_counts_where_it_is_sure_of_itself() -> None:
    odds = Odds(version="v1", chances=(Chance("small", 0.97, 0.02, sure=True),))
    calls = [(msgspec.structs.replace(watched(it), odds=odds), ()) for it in range(10)]
    assert advised(audited(*calls)) == ("small", Basis.LEARNT)
    vague = Odds(version="v1", chances=(Chance("small", 0.97, 0.2, sure=True),))
    calls = [(msgspec.structs.replace(watched(it), odds=vague), ()) for it in range(10)]
    assert advised(audited(*calls)) == ("small", Basis.GUESS)


def test_labels_that_say_otherwise_outweigh_what_was_learnt() -> None:
    evidence = Evidence()
    odds = Odds(version="v1", chances=(Chance("small", 0.99, 0.01, sure=True),))
    evidence.add([label(0.0)], odds)
    assert evidence.basis(target("small"), GOAL) is None


def test_who_cannot_serve_the_calls_is_no_advice() -> None:
    calls = []
    for number in range(40):
        call = watched(number)
        assert call.decision is not None
        verdicts = tuple(
            Verdict(it.target, Reason.TOO_SMALL if it.target == "small" else it.reason)
            for it in call.decision.verdicts
        )
        decision = msgspec.structs.replace(call.decision, verdicts=verdicts)
        calls.append((msgspec.structs.replace(call, decision=decision), ()))
    assert advised(audited(*calls)) == ("mid", Basis.GUESS)


def test_calls_are_told_apart_by_agent_route_step_and_rule() -> None:
    loop = watched(2, step=Step.TOOL_RESULT)
    ruled = watched(3)
    assert ruled.decision is not None
    ruled = msgspec.structs.replace(
        ruled, decision=msgspec.structs.replace(ruled.decision, rule="mine")
    )
    found = audited(*[(it, ()) for it in (watched(1), watched(1, "cook"), loop, ruled)])
    assert {each.kind for each in found.findings} == {
        Kindred("clerk", "auto", "user_turn", ""),
        Kindred("cook", "auto", "user_turn", ""),
        Kindred("clerk", "auto", "tool_result", ""),
        Kindred("clerk", "auto", "user_turn", "mine"),
    }
    assert [it.follows for it in found.findings if it.kind.rule] == [False]


def test_a_target_asked_for_by_its_name_gets_no_rule() -> None:
    (finding,) = audited((watched(1, model="large"), ())).findings
    assert (finding.named, finding.follows) == (True, False)


def test_what_calls_need_is_counted() -> None:
    calls = [watched(1, stream=True), msgspec.structs.replace(watched(2), end=End.LEFT)]
    (finding,) = audited(*[(it, ()) for it in calls]).findings
    needs = finding.needs
    assert (finding.calls, finding.answered, needs.streams, needs.tools) == (2, 1, 0.5, 0.0)
    assert needs.tiers == {"small": 1.0}
    assert needs.took.p50 == pytest.approx(2.0, rel=0.03)
    assert needs.output.p95 == pytest.approx(100, rel=0.03)


def test_calls_without_a_decision_and_of_too_many_groups_are_counted_apart() -> None:
    auditor = Auditor(POLICY, GOAL)
    auditor.unread(2)
    auditor.add(past(decision=None), ())
    call = watched(1)
    for number in range(MOST_GROUPS + 1):
        auditor.add(msgspec.structs.replace(call, agent=f"a{number}"), ())
    found = auditor.audit()
    assert (found.unread, found.undecided, found.beyond) == (2, 1, 1)
    assert (found.calls, len(found.findings)) == (MOST_GROUPS + 1, MOST_GROUPS)


def test_only_what_others_said_is_a_sample_of_all() -> None:
    evidence = Evidence()
    evidence.add([label(0.0, source=Source.VALIDATOR)], NO_ODDS)
    assert evidence.tried(target("small")) == Tried(0, 0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.integers(0, 3))
def test_with_as_many_labels_as_are_wanted_it_is_sure(labels: int, failures: int) -> None:
    tried = Tried(labels + failures, failures)
    more = labels_wanted(tried, GOAL)
    assert Tried(tried.labels + more, failures).meets(GOAL)
    assert labels_wanted(Tried(500, 101), GOAL) == MOST_LABELS


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_right_within_its_bin(values: list[float], share: float) -> None:
    histogram = Histogram()
    for each in values:
        histogram.add(each)
    found = histogram.at(share)
    assert found is not None
    assert any(each == pytest.approx(found, rel=0.04) for each in values)
    assert Histogram().at(0.5) is None


SURE = audited(*[(watched(number), said(number)) for number in range(40)])


def found_of(kind: Kindred) -> Finding:
    return msgspec.structs.replace(SURE.findings[0], kind=kind)


def test_the_rules_are_yaml_that_does_what_was_found() -> None:
    text = "\n".join(["rules:", *draft(rules_of(SURE, guesses=False), 2)])
    assert "29 of 29" in text.replace("\n    #", "")
    (rule,) = yaml.safe_load(text)["rules"]
    assert rule["then"] == {
        "tier": "small",
        "strategy": "cost",
        "targets": ["small", "mid", "large"],
    }
    then = Then(tier=Tier.SMALL, targets=frozenset(rule["then"]["targets"]))
    ruled = policy(rules=[Rule(name=rule["name"], when=rule["when"], then=then)], version="v5")
    conditions = compile_conditions(ruled.rules)
    again = Replayer(ruled, conditions, lambda each: each.odds).again(watched(1))
    assert again is not None
    assert (again.decision.winner, again.decision.rule) == ("small", "audit-clerk-auto-user_turn")
    assert decide(ask(agent="cook"), NOW, ruled, conditions).rule == ""


def test_guesses_become_rules_only_where_they_are_wanted() -> None:
    found = audited(*[(watched(number), ()) for number in range(40)])
    assert rules_of(found, guesses=False) == ()
    assert len(rules_of(found, guesses=True)) == 1
    assert "A guess" in "\n".join(draft(rules_of(found, guesses=True), 2))


named = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=9)


@settings(max_examples=30, deadline=None)
@given(named, named)
def test_no_name_of_an_agent_or_model_breaks_out_of_its_rule(agent: str, route: str) -> None:
    finding = found_of(Kindred(agent, route, "user_turn", ""))
    block = yaml.safe_load("\n".join(draft([finding, finding], 2)))
    inline = yaml.safe_load("[" + ", ".join(flow([finding, finding])) + "]")
    assert [each["when"] for each in block] == [condition(finding)] * 2
    assert inline == block
    assert len({each["name"] for each in block}) == 2
    conditions = compile_conditions([Rule(name="x", when=condition(finding), then=Then())])
    assert conditions.first(ask(agent=agent, model=route), 0.1) == 0
    assert conditions.first(ask(agent=agent + "x", model=route), 0.1) == -1


@given(st.text(max_size=20))
def test_a_literal_is_ascii_whatever_is_in_it(text: str) -> None:
    assert literal(text).isascii()
    assert literal(text).isprintable()
    surrogate = any(0xD800 <= ord(each) < 0xE000 for each in text)
    program = compile_condition(f"task.agent == {literal(text)}")
    assert surrogate or hasattr(program, "eval")


def test_a_condition_that_is_too_long_is_no_rule() -> None:
    found = audited(*[(watched(it, "a" * 1600), said(it)) for it in range(40)])
    assert found.findings[0].follows
    assert rules_of(found, guesses=True) == ()


def test_a_name_that_cannot_be_printed_is_no_rule() -> None:
    odd = found_of(Kindred("a\0b", "auto", "user_turn", ""))
    assert rules_of(msgspec.structs.replace(SURE, findings=(odd,)), guesses=True) == ()
