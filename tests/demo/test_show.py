from support.simulated import SAMPLE
from switchgear.demo.agent import Errand, Step
from switchgear.demo.show import draws, most_telling


def step(decision: str, attempts: int) -> Step:
    return Step(
        what="",
        status=200,
        decision=decision,
        target="",
        tier="",
        reason="",
        attempts=attempts,
        task="",
    )


def test_the_decision_that_is_explained_is_the_one_that_fell_back() -> None:
    steps = (step("a", 1), step("b", 3), step("", 9))
    found = most_telling(Errand(steps=steps, finished=True, words=""))
    assert found is not None
    assert found.decision == "b"
    assert most_telling(Errand(steps=(), finished=False, words="")) is None


def test_the_bootstrap_is_the_same_every_time_and_stays_within_the_prompts() -> None:
    count = len(SAMPLE.prompts)
    rounds = draws(count)
    assert rounds == draws(count)
    assert all(0 <= place < count for draw in rounds for place in draw)
    assert {len(draw) for draw in rounds} == {count}
    assert rounds[0] != rounds[1]
