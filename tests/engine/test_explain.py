import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import NEVER, ask, policy
from support.entries import READY, attempt, bare, decision, entries, entry
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.entry import End, Entry
from switchgear.domain.leaf import leaves
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.decide import decide
from switchgear.engine.explain import CODES, ENDINGS, Explanation, explain, to_json

POLICY = policy()
FRESH = decide(ask(), READY, POLICY, NEVER)
KEPT = bare(entry(decision=FRESH))
assert KEPT is not None


def of(found: Entry) -> Explanation:
    return explain(found, POLICY, FRESH)


def test_every_ending_has_its_sentence() -> None:
    assert set(ENDINGS) == set(End)


def test_every_error_code_has_its_words() -> None:
    assert {leaf.code for leaf in leaves()} | {"client_left"} == set(CODES)
    assert all(CODES.values())


def test_figures_come_from_deciding_again() -> None:
    assert KEPT is not None
    choice = of(KEPT).choice
    assert choice is not None
    assert choice.replayed is True
    small, _, _, calc = choice.targets
    assert (small.place, small.kind, small.tier) == (1, "model", "small")
    assert small.cost_usd == 0.000171
    assert small.latency_s == pytest.approx(8.4)
    assert (calc.place, calc.cost_usd) == (None, None)
    assert calc.sentence == "The name that was asked for does not include it."


def test_why_names_the_figures_of_the_first_two() -> None:
    assert KEPT is not None
    choice = of(KEPT).choice
    assert choice is not None
    figures = "($0.000171 and 8.40 s against $0.001710 and 17.00 s)"
    assert choice.why == f"{FRESH.why} {figures}"


def test_without_the_policy_there_are_reasons_but_no_figures() -> None:
    assert KEPT is not None
    choice = explain(KEPT, None, None).choice
    assert choice is not None
    assert choice.replayed is None
    assert choice.why == FRESH.why
    assert {each.cost_usd for each in choice.targets} == {None}
    assert [each.reason for each in choice.targets][:2] == ["chosen", "fallback"]


def test_a_decision_that_would_differ_now_says_so_and_borrows_no_figures() -> None:
    other = decision(plan=("mid", "small"), policy=POLICY.version)
    verdicts = (
        Verdict(target="small", reason=Reason.FALLBACK),
        Verdict(target="mid", reason=Reason.CHOSEN),
        *FRESH.verdicts[2:],
    )
    choice = of(entry(decision=msgspec.structs.replace(other, verdicts=verdicts))).choice
    assert choice is not None
    assert choice.replayed is False
    assert [each.cost_usd for each in choice.targets[:2]] == [None, None]


def test_details_are_said_with_the_reason() -> None:
    verdict = Verdict(target="mid", reason=Reason.INCAPABLE, detail="tools, images")
    choice = explain(entry(decision=decision(verdicts=(verdict,), plan=())), POLICY, None).choice
    assert choice is not None
    assert choice.targets[0].sentence == "It lacks what the call needs: tools, images."


def test_a_fallen_back_call_tells_each_try_and_who_answered() -> None:
    broken = attempt(code="upstream_silent", usage=None, first_content=None)
    found = of(entry(target="mid", attempts=(broken, attempt("mid"))))
    first, second = found.tries
    assert first.sentence == "The target said nothing for longer than we wait."
    assert first.input is None
    assert (second.sentence, second.input, second.output) == ("It answered to the end.", 420, 60)
    assert found.outcome is not None
    assert found.outcome.sentence == "mid answered to the end."


def test_a_call_refused_before_it_was_read_has_no_choice() -> None:
    refused = entry(
        end=End.FAILED, code="malformed_body", ask=None, situation=None, decision=None, attempts=()
    )
    found = explain(refused, None, None)
    assert found.choice is None
    assert not found.question.read
    assert found.outcome is not None
    assert found.outcome.sentence.startswith("The caller got an error: The body is not what")


def test_what_observing_would_have_saved_is_told() -> None:
    found = of(entry(baseline=NanoUsd(8_550_000), own=Seconds(0.002)))
    assert found.outcome is not None
    assert found.outcome.baseline_usd == 0.00855


@given(entries, st.booleans())
def test_any_entry_can_be_explained_as_json(found: Entry, known: bool) -> None:  # noqa: FBT001  (drawn)
    explanation = explain(found, POLICY if known else None, None)
    again = json.loads(json.dumps(to_json(explanation)))
    assert again["id"] == found.id
    assert len(again["tries"]) == len(found.attempts)
