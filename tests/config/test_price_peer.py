"""Costs are to the nano-dollar what the keepers of the price list compute themselves."""

from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal

import pytest
from genai_prices import data_snapshot
from genai_prices.types import Usage as PeerUsage
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.config.price import CONTEXTS, listed
from switchgear.domain.event import Usage
from switchgear.domain.target import Price
from switchgear.domain.units import NANO_PER_USD, Tokens, UnixMs
from switchgear.engine.cost import cost_of, worst_cost

AT = UnixMs(1_795_000_000_000)
MOMENT = datetime.fromtimestamp(AT / 1000, UTC).replace(hour=12, minute=0)
HOURLY = ("anthropic",)
"""Whose prices for an hour are listed; where they are not we take more, and say so."""
MODELS = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-4.1"),
    ("openai", "gpt-5.4"),
    ("openai", "o3"),
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-sonnet-4-0"),
    ("anthropic", "claude-fable-5-2"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("x-ai", "grok-4.20"),
    ("mistral", "mistral-large-latest"),
    ("deepseek", "deepseek-chat"),
    ("groq", "llama-3.3-70b-versatile"),
    ("perplexity", "sonar-deep-research"),
)
parts = st.integers(0, 400_000)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, kept, plain, output = (draw(parts) for _ in range(4))
    return Usage(
        input=Tokens(cached + kept + plain),
        cached=Tokens(cached),
        cache_written=Tokens(kept),
        cache_written_1h=Tokens(draw(st.integers(0, kept))),
        output=Tokens(output),
        reasoning=Tokens(draw(st.integers(0, output))),
        service=draw(st.sampled_from(["", *CONTEXTS])),
    )


def theirs(provider: str, model: str, usage: Usage, context: dict[str, str] | None) -> int:
    house, info = data_snapshot.get_snapshot().find_provider_model(model, None, provider, None)
    told = {
        "input_tokens": usage.input,
        "cache_read_tokens": usage.cached,
        "cache_write_tokens": usage.cache_written,
        "cache_write_1h_tokens": usage.cache_written_1h if provider in HOURLY else 0,
        "output_tokens": usage.output,
        "output_reasoning_tokens": usage.reasoning,
    }
    found = info.calc_price(
        PeerUsage(**told), house, genai_request_timestamp=MOMENT, price_context=context
    )
    # They also charge for each request, where a house does; we know no such prices.
    each = getattr(found.model_price, "requests_kcount", None) or Decimal(0)
    exact = (found.total_price - each / 1000) * NANO_PER_USD
    return int(exact.to_integral_value(ROUND_CEILING))


def priced(provider: str, model: str) -> Price:
    price = listed(provider, None, model, AT).price
    assert price is not None, model
    return price


@pytest.mark.parametrize(("provider", "model"), MODELS)
@settings(max_examples=25)
@given(usages())
def test_a_listed_model_costs_what_the_list_computes(
    provider: str, model: str, usage: Usage
) -> None:
    price = priced(provider, model)
    context = None
    if usage.service in dict(price.services):
        _, info = data_snapshot.get_snapshot().find_provider_model(model, None, provider, None)
        known = [each.when for each in info.price_variants or ()]
        context = next(each for each in CONTEXTS[usage.service] if each in known)
    hours = usage.cache_written_1h if provider in HOURLY else Tokens(0)
    kept = Usage(
        **{
            name: getattr(usage, name)
            for name in usage.__struct_fields__
            if name != "cache_written_1h"
        },
        cache_written_1h=hours,
    )
    assert cost_of(kept, price) == theirs(provider, model, kept, context)


@pytest.mark.parametrize(("provider", "model"), MODELS)
@settings(max_examples=10)
@given(usages(), parts, parts)
def test_a_listed_model_never_costs_more_than_its_worst(
    provider: str, model: str, usage: Usage, more: int, longer: int
) -> None:
    worst = worst_cost(
        priced(provider, model),
        length=Tokens(usage.input + more),
        output=Tokens(usage.output + longer),
        service=usage.service,
        hour=True,
    )
    assert cost_of(usage, priced(provider, model)) <= worst
