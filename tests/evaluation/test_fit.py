"""What ships is fitted from public outcomes by a script: the same from the same."""

from evaluation.fit import RULE, lessons_of, prior_of, sets_of
from evaluation.routing.item import Answer, Item

from switchgear.adapters.prior import ShippedPrior
from switchgear.engine.success.prior import decode_prior, encode_prior, probed

FEW = 15


def test_the_same_outcomes_make_the_same_bytes() -> None:
    sets = sets_of(FEW)
    assert [len(items) for items in sets.values()] == [FEW] * 3
    prior = prior_of(sets)
    assert encode_prior(prior) == encode_prior(prior_of(sets))
    assert encode_prior(decode_prior(encode_prior(prior))) == encode_prior(prior)
    assert prior.model.version != prior_of({"gsm8k": sets["gsm8k"]}).model.version
    assert set(prior.model.sides) == {"small", "mid", "frontier"}
    assert not prior.model.table


def test_models_stand_for_tiers_by_their_price() -> None:
    answers = {
        "gpt-4o-mini-2024-07-18": Answer(1.0, 0.0),
        "gemini-1.5-flash": Answer(0.0, 0.0),
        "claude-3-haiku-20240307": Answer(1.0, 0.0),
        "claude-3-opus-20240229": Answer(0.0, 0.0),
        "weak": Answer(1.0, 0.0),
    }
    found = lessons_of("set", [Item("How many?", "task", answers)])
    assert {each.target: round(each.good, 3) for each in found} == {
        "small": 0.667,
        "mid": 1.0,
        "frontier": 0.0,
    }


def test_what_ships_was_fitted_by_this_rule_to_words_as_they_are_hashed_now() -> None:
    prior = decode_prior(ShippedPrior()())
    assert prior.rule == RULE
    assert prior.probe == probed(), "words are hashed in another way: run `make fit`"
