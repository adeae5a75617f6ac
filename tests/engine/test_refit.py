"""All is learnt anew, tried on the newest calls, and told."""

import pytest

from support.cast import ask, policy
from switchgear.domain.learning import Learning
from switchgear.domain.situation import Situation
from switchgear.domain.units import UnixMs
from switchgear.engine.influence import Said
from switchgear.engine.policy import Promise
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.engine.refit import Finding, Study, refitted
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, decode_model, encode_model, predict
from switchgear.engine.success.trait import traits_of
from switchgear.engine.trial import Case

NOW = 1_795_000_000_000
SECOND = 1_000
PLAIN = encode_policy(versioned(policy()))
DOCUMENT = encode_policy(versioned(policy(promise=Promise(failures=0.2, confidence=0.95))))
CALM = Situation(id="s", readings={})


def words(number: int) -> bytes:
    """Return some words; calls have different ones."""
    return bytes([number % 97, 1, number % 89, 2, 3, 0])


def said(number: int, good: float, target: str = "small", by: str = "") -> Said:
    lesson = Lesson(
        traits_of(ask(grams=words(number))), target, good, 1.0, UnixMs(NOW + number * SECOND)
    )
    return Said(lesson, by, f"sg_{number}")


def study(labels: list[Said], **more: object) -> Study:
    fields = {"policy": DOCUMENT, "learning": Learning(), "now": UnixMs(NOW + 10**6), **more}
    return Study(said=tuple(labels), **fields)  # type: ignore[arg-type]  # a test's shorthand


def chance(found: Finding, target: str = "small") -> float:
    return predict(decode_model(found.model), traits_of(ask(grams=words(5))), (target,))[0].p


def test_too_few_labels_make_no_version() -> None:
    found = refitted(study([said(number, 1.0) for number in range(49)]))
    assert not found.model
    assert found.report.why == "49 labels are too few; 50 make a version"


def test_the_first_version_is_fitted_to_all_of_them() -> None:
    found = refitted(study([said(number, 1.0) for number in range(200)]))
    report = found.report
    assert report.switched
    assert (report.labels, report.held) == (200, 40)
    assert chance(found) > 0.9
    assert report.targets[0][0] == "small"
    assert report.force is not None
    assert report.candidate is not None
    assert "log loss" in report.why


def test_what_knew_the_opposite_is_replaced() -> None:
    wrong = learnt(UNTAUGHT, [said(number, 0.0).lesson for number in range(400)])
    found = refitted(
        study(
            [said(number, 1.0) for number in range(100)],
            before=encode_model(wrong),
            through=UnixMs(NOW + 69 * SECOND),
        )
    )
    assert found.report.switched
    assert found.report.why.startswith("better")
    assert chance(found) > 0.9


def test_what_is_no_better_stays_a_report() -> None:
    labels = [said(number, number % 2) for number in range(200)]
    good = learnt(UNTAUGHT, [each.lesson for each in labels])
    found = refitted(study(labels, before=encode_model(good), through=UnixMs(NOW)))
    assert not found.report.switched
    assert not found.model
    assert found.report.why.startswith("not better")


def test_what_came_since_the_last_version_is_held_out() -> None:
    labels = [said(number, number % 3 > 0) for number in range(300)]
    before = learnt(UNTAUGHT, [each.lesson for each in labels[:230]])
    found = refitted(study(labels, before=encode_model(before), through=UnixMs(NOW + 229 * SECOND)))
    assert found.report.held == 70


def test_decisions_are_made_again_under_both_models() -> None:
    cases = tuple(Case(ask=ask(), situation=CALM, target="small", good=1.0) for _ in range(10))
    found = refitted(study([said(number, 1.0) for number in range(100)], cases=cases))
    assert found.report.replayed == 10
    assert found.report.candidate is not None
    assert found.report.candidate.success == 1.0
    assert (found.report.candidate.cost or 0) > 0


def test_promises_get_bars_from_scores_given_before_the_label_came() -> None:
    labels = [said(number, 1.0) for number in range(200)]
    labels += [said(number, 0.0, "mid") for number in range(200)]
    bars = {each.target: each for each in refitted(study(labels)).report.bars}
    assert bars["small"].failures == 0.2
    assert bars["small"].least <= 1.0
    assert bars["mid"].least > 1.0
    assert "large" not in bars


def test_a_hostile_key_moves_the_fit_by_no_more_than_its_share() -> None:
    honest = [said(number, 1.0, by=f"k{number % 10}") for number in range(100)]
    hostile = [said(number % 100, 0.0, by="hostile") for number in range(1_000)]
    found = refitted(study([*honest, *hostile], policy=PLAIN))
    assert not found.model or chance(found) > 0.6
    unbound = Learning(most_influence=1.0)
    deceived = refitted(study([*honest, *hostile], policy=PLAIN, learning=unbound))
    assert chance(deceived) < 0.3


def test_a_model_in_force_that_cannot_be_read_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=r"JSON|model"):
        refitted(study([said(number, 1.0) for number in range(60)], before=b"{nonsense"))


def test_what_is_gathered_out_of_order_is_put_in_order() -> None:
    labels = [said(number, float(number > 50)) for number in range(100)]
    assert refitted(study(labels[::-1])) == refitted(study(labels))
