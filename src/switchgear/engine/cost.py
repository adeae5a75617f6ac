"""What an answer is expected to cost, what it may cost at most, and what it did cost."""

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

    Only a target that holds the tool loop, or served the conversation so far, is expected to have
    the prompt in its cache: switching away loses that, and this is where the loss is counted.
    """
    price = target.price
    if price.steps or price.services:
        price = rate_of(price, ask.input_tokens, ask.service)
    total = ask.input_tokens * price.input + output * price.output
    if target.id in (ask.held, ask.warm):
        total -= int(ask.input_tokens * CACHED_SHARE) * (price.input - price.cached)
    return NanoUsd(-(-total // MILLION))


def return_cost(target: Target, ask: Ask) -> NanoUsd:
    """Return what it costs to come back later to a target that has the prompt in its cache now.

    What would be read from the cache is read anew then.
    """
    price = target.price
    if price.steps or price.services:
        price = rate_of(price, ask.input_tokens, ask.service)
    total = int(ask.input_tokens * CACHED_SHARE) * max(0, price.input - price.cached)
    return NanoUsd(-(-total // MILLION))


def rate_of(price: Price, length: Tokens, service: str) -> Price:
    """Return what holds for all tokens of a call with input of this length, in this service tier.

    Source: providers charge a call whose input is longer than a step the step's price for all of
    it, and not only for what is above: https://openai.com/api/pricing,
    https://ai.google.dev/gemini-api/docs/pricing, and ``TieredPrices`` of genai-prices.
    """
    found = _served(price, service or price.usual)
    rate = found
    for step in found.steps:
        if length <= step.above:
            break
        rate = step
    return rate


def cost_of(usage: Usage, price: Price) -> NanoUsd:
    """Return what tokens that were counted cost; part of a nano-dollar counts as one."""
    if price.steps or price.services:
        price = rate_of(price, usage.input, usage.service)
    plain = max(0, usage.input - usage.cached - usage.cache_written)
    total = (
        plain * price.input
        + usage.cached * price.cached
        + usage.cache_written * price.cache_written
        + usage.output * price.output
    )
    if usage.cache_written_1h:
        long = min(usage.cache_written_1h, usage.cache_written)
        total += long * (_hourly(price) - price.cache_written)
    if price.reasoning is not None:
        total += min(usage.reasoning, usage.output) * (price.reasoning - price.output)
    return NanoUsd(-(-total // MILLION))


def worst_cost(
    price: Price, *, length: Tokens, output: Tokens, service: str = "", hour: bool = False
) -> NanoUsd:
    """Return the most that a call can cost whose usage stays within these bounds.

    The provider may serve it in the tier asked for or in the usual one, and take all of its input
    into the prompt cache; for an hour only if the call asks for that (``hour``).
    """
    if not (price.steps or price.services):
        return _worst(price, length, output, hour=hour)
    tiers = (price, _served(price, price.usual), _served(price, service or price.usual))
    return max(
        _worst(rate, length, output, hour=hour)
        for tier in tiers
        for rate in (tier, *tier.steps)
        if rate is tier or length > rate.above
    )


def _worst(rate: Price, length: Tokens, output: Tokens, *, hour: bool) -> NanoUsd:
    into = max(rate.input, rate.cached, rate.cache_written, _hourly(rate) if hour else 0)
    out = max(rate.output, rate.reasoning or 0)
    return NanoUsd(-(-(length * into + output * out) // MILLION))


def _hourly(price: Price) -> NanoUsd:
    if price.cache_written_1h is not None:
        return price.cache_written_1h
    return NanoUsd(max(price.cache_written, 2 * price.input))


def _served(price: Price, service: str) -> Price:
    if service:
        for name, other in price.services:
            if name == service:
                return other
    return price
