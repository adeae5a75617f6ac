from hypothesis import given
from hypothesis import strategies as st

from support.simulated import SAMPLE
from switchgear.demo.errand import PLAN_TURN, SYSTEM
from switchgear.demo.mind import STRANGER, Mind, recite, wrong
from switchgear.demo.question import Question
from switchgear.demo.sample import Outcome, tokens
from switchgear.demo.score import is_right

OUTCOMES = st.builds(Outcome, correct=st.booleans(), chars=st.integers(40, 2000))


@given(st.integers(-(10**9), 10**9), OUTCOMES)
def test_what_a_model_recites_is_as_long_and_as_right_as_was_recorded(
    answer: int, outcome: Outcome
) -> None:
    words = recite(str(answer), outcome)
    assert is_right(words, str(answer)) is outcome.correct
    assert len(words) == outcome.chars


@given(st.integers())
def test_a_wrong_answer_is_never_the_right_one(answer: int) -> None:
    assert int(wrong(str(answer))) != answer


def test_each_model_is_right_on_exactly_the_prompts_that_its_record_has_right() -> None:
    for rank in range(len(SAMPLE.models)):
        mind = Mind(SAMPLE, rank)
        for prompt in SAMPLE.prompts:
            said = mind.answer(Question(model="m", last=prompt.text, chars=len(prompt.text)))
            assert is_right(said.text, prompt.answer) is prompt.outcomes[rank].correct
            assert said.said_tokens == tokens(prompt.outcomes[rank].chars)
            assert said.heard_tokens == tokens(len(prompt.text))


def test_what_no_model_knows_is_answered_by_saying_that_it_is_simulated() -> None:
    assert Mind(SAMPLE, 0).answer(Question(model="m", last="who are you")).text == STRANGER


def test_the_errand_comes_before_the_record() -> None:
    said = Mind(SAMPLE, 0).answer(Question(model="m", system=SYSTEM, last=PLAN_TURN))
    assert said.text.startswith("Look up the order")
