import pytest

from switchgear.wire.generation import Generation, generation


@pytest.mark.parametrize(
    "model",
    [
        "claude-3-7-sonnet-latest",
        "claude-opus-4-20250514",
        "claude-opus-4-1-20250805",
        "claude-sonnet-4-5",
        "anthropic/claude-haiku-4-5-20251001",
        "claude-sonnet-4-5@20250929",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-opus-4-20250514-v1:0",
        "anthropic.claude-v2:1",
    ],
)
def test_models_before_4_6_think_by_budget_and_take_sampling(model: str) -> None:
    assert generation(model) == Generation(adaptive=False, samples=True, one_of_two=True)


@pytest.mark.parametrize(
    "model", ["claude-opus-4-6", "claude-sonnet-4-6", "us.anthropic.claude-opus-4-6-v1"]
)
def test_models_of_4_6_think_by_effort_and_take_sampling(model: str) -> None:
    assert generation(model) == Generation(adaptive=True, samples=True, one_of_two=True)


@pytest.mark.parametrize("model", ["claude-opus-4-7", "claude-opus-5", "claude-haiku-5-5"])
def test_later_models_take_no_sampling(model: str) -> None:
    assert generation(model) == Generation(adaptive=True, samples=False, one_of_two=True)


def test_what_is_not_called_claude_takes_what_others_copied() -> None:
    assert generation("kimi-k2") == Generation()
