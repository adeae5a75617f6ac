"""A fit begins from the prior where that foresees newer calls better, and else from nothing."""

import pytest

from support.cast import ask, policy
from switchgear.domain.learning import Learning
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.ground import FEW, NOTHING, better, ground_of
from switchgear.engine.influence import Said
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.engine.refit import Study, refitted
from switchgear.engine.success.fit import Fitting, fitted
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, decode_model, encode_model, predict
from switchgear.engine.success.prior import Prior, bared, encode_prior
from switchgear.engine.success.trait import Traits, traits_of
from switchgear.engine.trial import base_of

WORDS = 100
DOCUMENT = encode_policy(versioned(policy()))


def traits(number: int) -> Traits:
    """Return a call of a word or two; odd numbers are hard ones."""
    return traits_of(ask(grams=bytes([number % WORDS, 1])))


def prior(*, right: bool) -> bytes:
    """Return a prior that knows which words are hard, or has it the wrong way round."""
    lessons = [
        Lesson(traits(number), "small", float(number % 2 != right))
        for number in range(2 * WORDS)
        for _ in range(3)
    ]
    model = bared(fitted(lessons, Fitting(folds=0)))
    return encode_prior(Prior(rule="", sources=(), lessons=len(lessons), model=model))


SURE_OF_ALL = encode_model(learnt(UNTAUGHT, [Lesson(traits(2), "small", 1.0)] * 400))
"""What is in force expects good of all: any fit is better."""
RIGHT, WRONG = prior(right=True), prior(right=False)


def said(count: int) -> list[Lesson]:
    """Return a few labels, few of the same word."""
    return [
        Lesson(traits(number * 7), "small", float(number * 7 % 2 == 0), 1.0, UnixMs(number + 1))
        for number in range(count)
    ]


def study(body: bytes, *, wanted: bool = True, document: bytes = DOCUMENT) -> Study:
    heard = tuple(Said(each, "", f"sg_{each.at}") for each in said(160))
    return Study(
        said=heard,
        policy=document,
        before=SURE_OF_ALL,
        through=UnixMs(110),
        learning=Learning(prior=wanted),
        prior=body,
        now=UnixMs(10**6),
    )


def test_a_prior_that_knows_the_words_is_begun_from() -> None:
    older, held = said(60)[:40], said(60)[40:]
    ground = ground_of(RIGHT, DOCUMENT, 60)
    chosen, model, weighed = better(ground, older, held, base_of(older))
    assert weighed is not None
    assert weighed.kept
    assert weighed.begun < weighed.without
    assert chosen is ground
    assert model == ground.fitted(older)


def test_one_that_misleads_is_left_out() -> None:
    older, held = said(60)[:40], said(60)[40:]
    chosen, model, weighed = better(ground_of(WRONG, DOCUMENT, 60), older, held, base_of(older))
    assert weighed is not None
    assert not weighed.kept
    assert chosen is NOTHING
    assert model == NOTHING.fitted(older)


def test_a_refit_reports_which_and_makes_its_version_from_there() -> None:
    with_it, without, against = (refitted(study(body)) for body in (RIGHT, b"", WRONG))
    assert with_it.report.prior is not None
    assert with_it.report.prior.kept
    assert with_it.model != without.model
    assert without.report.prior is None
    assert against.report.prior is not None
    assert not against.report.prior.kept
    assert against.model == without.model

    def gap(body: bytes) -> float:
        model = decode_model(body)
        easy, hard = (predict(model, traits(each), ("small",))[0].p for each in (2, 1))
        return easy - hard

    assert gap(with_it.model) > gap(without.model)


def test_the_owner_may_do_without() -> None:
    found = refitted(study(RIGHT, wanted=False))
    assert found.report.prior is None
    assert found.model == refitted(study(b"")).model


def test_it_is_not_tried_with_many_labels_or_where_no_tier_is_known() -> None:
    assert ground_of(RIGHT, DOCUMENT, FEW).prior is not None
    assert ground_of(RIGHT, DOCUMENT, FEW + 1) is NOTHING
    assert ground_of(RIGHT, b"", 60) is NOTHING
    assert ground_of(b"", DOCUMENT, 60) is NOTHING
    assert ground_of(RIGHT, DOCUMENT, 60).tiers["small"] is Tier.SMALL
    assert refitted(study(RIGHT, document=b"")).report.prior is None


def test_a_damaged_one_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(ValueError, match="no prior"):
        ground_of(b"{nonsense", DOCUMENT, 60)
