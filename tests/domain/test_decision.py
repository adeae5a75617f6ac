from switchgear.domain.decision import Decision, Reason, Strategy
from switchgear.domain.target import Tier


def decision(*plan: str) -> Decision:
    return Decision(
        plan=plan,
        verdicts=(),
        policy="v",
        strategy=Strategy.COST,
        tier=Tier.SMALL,
        complexity=0.1,
    )


def test_the_winner_is_the_first_of_the_plan() -> None:
    assert decision("a", "b").winner == "a"


def test_without_a_plan_nobody_wins() -> None:
    assert decision().winner == ""


def test_every_reason_is_one_letter_of_its_own() -> None:
    letters = [reason.value for reason in Reason]
    assert all(len(letter) == 1 and letter.isascii() for letter in letters)
    assert len(set(letters)) == len(letters)
