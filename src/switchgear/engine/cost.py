"""What an answer is expected to cost, and what it did cost."""

from switchgear.domain.ask import Ask, Step
from switchgear.domain.event import Usage
from switchgear.domain.target import Price, Target
from switchgear.domain.units import NanoUsd, Tokens

EXPECTED_OUTPUT = Tokens(400)
"""Tokens of an answer to a person. Mean of the Azure conversation trace of 2023: 211; reasoning
models write more."""
EXPECTED_STEP_OUTPUT = Tokens(150)
"""Tokens of a step inside a tool loop: mostly one more tool call."""
CACHED_SHARE = 0.9
"""Of the input, that a target already serving the tool loop reads from its prompt cache."""
MILLION = 1_000_000


def expected_output(ask: Ask) -> Tokens:
    """Return how many tokens the answer is expected to have."""
    usual = EXPECTED_STEP_OUTPUT if ask.step is Step.TOOL_RESULT else EXPECTED_OUTPUT
    return usual if ask.max_output is None else min(usual, ask.max_output)


def expected_cost(target: Target, ask: Ask, output: Tokens) -> NanoUsd:
    """Return what the call is expected to cost at ``target``, at the cached price where it applies.

    Only a target that holds the tool loop is expected to have the prompt in its cache: switching
    away loses that, and this is where the loss is counted.
    """
    price = target.price
    total = ask.input_tokens * price.input + output * price.output
    if ask.held == target.id:
        total -= int(ask.input_tokens * CACHED_SHARE) * (price.input - price.cached)
    return NanoUsd(-(-total // MILLION))


def cost_of(usage: Usage, price: Price) -> NanoUsd:
    """Return what tokens that were counted cost; part of a nano-dollar counts as one."""
    plain = max(0, usage.input - usage.cached - usage.cache_written)
    total = (
        plain * price.input
        + usage.cached * price.cached
        + usage.cache_written * price.cache_written
        + usage.output * price.output
    )
    return NanoUsd(-(-total // MILLION))
