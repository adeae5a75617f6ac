"""The figures of a running gateway."""

import asyncio
from pathlib import Path

from support.town import target
from switchgear.running import Running, Source


def scraped(redis: str = "") -> str:
    """Start a gateway, let some calls be refused, and return what is scraped."""
    config = {
        "providers": {"p": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"}},
        "targets": {"p": target("p")},
        "ledger": {"path": ":memory:"},
        "redis": {"url": redis},
    }

    async def life() -> str:
        running = Running(Source.of(config, {}))
        await running.start()
        try:
            running.house.refusals["tenant", "tokens"] += 3
            return running.current().metrics().decode()
        finally:
            await running.aclose()

    return asyncio.run(life())


def test_refusals_are_counted_by_whose_limit_it_was_and_of_what() -> None:
    assert 'switchgear_rate_refusals_total{of="tenant",what="tokens"} 3.0' in scraped()


def test_it_shows_that_redis_is_passed_by(tmp_path: Path, redis_url: str) -> None:
    assert "\nswitchgear_redis_bypassed 1.0" in scraped(f"unix://{tmp_path}/nobody")
    assert "\nswitchgear_redis_bypassed 0.0" in scraped(redis_url)
    assert "\nswitchgear_redis_bypassed " not in scraped()


def test_it_shows_the_load_of_a_gateway_at_rest() -> None:
    text = scraped()
    assert "\nswitchgear_under_way 0.0" in text
    assert 'switchgear_breaker{fault="",state="admitting",target="p"} 1.0' in text


def test_it_shows_how_many_tickets_wait_and_how_they_were_decided() -> None:
    text = scraped()
    assert "\nswitchgear_tickets_open 0.0" in text
    assert "\nswitchgear_tickets_awaited 0.0" in text
    assert 'switchgear_tickets_decided_total{state="expired"} 0.0' in text


def test_it_shows_what_is_learnt_and_what_exploring_has_left() -> None:
    text = scraped()
    assert 'switchgear_labels_learnt_total{kind="said"} 0.0' in text
    assert 'switchgear_refits_total{result="failed"} 0.0' in text
    assert "\nswitchgear_brain_age_seconds 0.0" in text
    assert "\nswitchgear_exploring_left_usd 0.0" in text


def test_it_shows_how_routing_does_once_that_was_counted() -> None:
    config = {
        "providers": {"p": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"}},
        "targets": {"p": target("p")},
        "ledger": {"path": ":memory:"},
    }

    async def life() -> None:
        running = Running(Source.of(config, {}))
        await running.start()
        try:
            assert "\nswitchgear_figure_span_seconds " not in running.current().metrics().decode()
            await running.house.figures.look()
            text = running.current().metrics().decode()
            assert "\nswitchgear_figure_span_seconds 604800" in text
            assert 'switchgear_figure_alert{figure="accuracy",route="all"} 0.0' in text
            assert 'switchgear_figure_of{figure="cost",route="all"} 0.0' in text
        finally:
            await running.aclose()

    asyncio.run(life())
