from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.sample import Model, Outcome, Prompt, Sample
from switchgear.demo.score import Point, is_right, quantile, rises, score, static_mix
from switchgear.demo.traffic import Served

MODELS = (
    Model(name="weak", input_usd=1.0, output_usd=2.0),
    Model(name="strong", input_usd=10.0, output_usd=20.0),
)
GOOD, BAD = Outcome(correct=True, chars=40), Outcome(correct=False, chars=40)
EASY = Prompt(text="abcd", answer="4", outcomes=(GOOD, GOOD))
HARD = Prompt(text="abcdefgh", answer="5", outcomes=(BAD, GOOD))
SAMPLE = Sample(note="", models=MODELS, prompts=(EASY, HARD))


def served(prompt: Prompt, target: str, words: str) -> Served:
    return Served(
        prompt=prompt,
        status=200,
        target=target,
        words=words,
        heard_tokens=1,
        said_tokens=10,
        took_ms=5.0,
        overhead_ms=0.5,
        cost_usd=0.25,
    )


def test_words_without_a_number_are_not_right() -> None:
    assert not is_right("I cannot tell.", "4")


def test_the_score_counts_by_target_and_prices_what_was_said() -> None:
    answers = [served(EASY, "s", "It is 4."), served(HARD, "f", "It is 6.")]
    found = score(answers, SAMPLE, ("s", "f"), [[0, 1], [1, 1]])
    assert [(tier.calls, tier.right) for tier in found.tiers] == [(1, 1), (1, 0)]
    assert found.tiers[0].usd == (1 * 1.0 + 10 * 2.0) / 1e6
    assert found.routed.usd == (21 + 210) / 1e6
    assert found.routed.accuracy == 0.5
    assert found.margin == (0.0, 0.5)
    assert found.told_usd == 0.5
    assert found.overhead_ms == (0.5, 0.5)
    assert [point.accuracy for point in found.always] == [0.5, 1.0]
    assert rises(found.always)


def test_a_lost_call_is_neither_right_nor_timed() -> None:
    lost = Served(prompt=EASY, status=0, words="4", took_ms=9.0)
    found = score([lost], SAMPLE, ("s", "f"), [[0]])
    assert found.routed.accuracy == 0.0
    assert found.took_ms == (0.0, 0.0)


def test_the_static_mix_lies_on_the_line_between_two_models() -> None:
    points = (
        Point(name="a", usd=1.0, accuracy=0.5),
        Point(name="b", usd=3.0, accuracy=0.9),
        Point(name="dominated", usd=2.0, accuracy=0.1),
    )
    assert static_mix(points, 2.0) == 0.7
    assert static_mix(points, 9.0) == 0.9
    assert static_mix(points, 0.5) == 0.0


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values(values: list[float], share: float) -> None:
    assert quantile(values, share) in values
