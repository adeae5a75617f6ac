"""What came since a version was made is learnt on top of it."""

from support.cast import ask
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, SuccessModel, predict
from switchgear.engine.success.trait import traits_of
from switchgear.engine.tail import learnt_since

WORDS = b"\1\0\2\0"


def lesson(agent: str, good: float, words: bytes = WORDS) -> Lesson:
    return Lesson(traits_of(ask(agent=agent, grams=words)), "small", good)


def chance(model: SuccessModel, agent: str, words: bytes = WORDS) -> float:
    return predict(model, traits_of(ask(agent=agent, grams=words)), ("small",))[0].p


def test_one_group_that_fails_in_a_block_does_not_drag_another_along() -> None:
    blocks = [lesson("writer", 1.0)] * 40 + [lesson("coder", 0.0)] * 40
    model = learnt_since(UNTAUGHT, blocks)
    assert chance(model, "writer") > 0.8
    assert chance(model, "coder") < 0.2
    assert chance(learnt(UNTAUGHT, blocks), "writer") < 0.5  # so it would be otherwise


def test_words_are_left_to_the_next_refit() -> None:
    model = learnt_since(UNTAUGHT, [lesson("a", float(at % 2)) for at in range(40)])
    hard = b"\7\0\x08\0\x09\0"
    model = learnt_since(model, [lesson("a", 0.0, hard), lesson("a", 1.0)] * 20)
    assert chance(model, "a", hard) == chance(model, "a")


def test_the_order_hardly_matters() -> None:
    some = [lesson("writer", 1.0)] * 40 + [lesson("coder", 0.0)] * 40
    one, other = learnt_since(UNTAUGHT, some), learnt_since(UNTAUGHT, some[::-1])
    for agent in ("writer", "coder"):
        assert abs(chance(one, agent) - chance(other, agent)) < 0.01


def test_it_does_not_matter_how_many_are_learnt_at_once() -> None:
    some = [lesson("a", float(at % 3 > 0)) for at in range(60)]
    model = UNTAUGHT
    for each in some:
        model = learnt_since(model, [each])
    assert chance(model, "a") == chance(learnt_since(UNTAUGHT, some), "a")


def test_a_target_that_changes_in_a_group_that_is_known_is_seen_soon() -> None:
    model = learnt_since(UNTAUGHT, [lesson("a", 1.0)] * 300)
    after = learnt_since(model, [lesson("a", 0.0)] * 30)
    assert chance(after, "a") < 0.3  # without the alarm it would be 0.9
