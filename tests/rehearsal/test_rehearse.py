import asyncio
from typing import Any

import msgspec

from switchgear.adapters.clock import SystemClock
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.units import UnixMs
from switchgear.rehearsal.catalogue import BY_NAME, CATALOGUE
from switchgear.rehearsal.fault import Expect
from switchgear.rehearsal.rehearse import (
    QUICK,
    Result,
    Scene,
    Tour,
    Verdict,
    faults,
    names,
    rehearse,
    scenes,
)


def a_setup(**more: Any) -> Setup:
    def target(provider: str, price: int) -> dict[str, Any]:
        return {
            "provider": provider,
            "tier": "small",
            "window": 50_000 * price,
            "price": {"input_usd": price, "output_usd": price},
        }

    us = {"dialect": "openai-chat", "base_url": "https://a.example/v1", "region": "us"}
    eu = {"dialect": "anthropic-messages", "base_url": "https://b.example/v1", "region": "eu"}
    content = {
        "providers": {"p": us, "q": eu},
        "targets": {"a": target("p", 1), "b": target("q", 2)},
        "aliases": {"auto": {"targets": ["a", "b"]}, "one": {"targets": ["b"]}},
        "keys": [{"id": "eu", "secret": "s", "regions": ["eu"]}],
        **more,
    }
    return read_setup(msgspec.json.encode(content), {}, UnixMs(1_750_000_000_000)).setup


def play(setup: Setup, *wanted: str, key: str = "") -> list[Result]:
    told: list[Result] = []
    played = list(scenes(setup, [BY_NAME[name] for name in wanted], quick=True))
    now = SystemClock().now
    tour = Tour(setup=setup, scenes=played, key=key, now=now, tell=told.append)
    results = asyncio.run(rehearse(tour))
    assert sorted(told, key=repr) == sorted(results, key=repr)
    return results


def test_another_target_answers_where_there_is_one_and_else_the_error_is_told() -> None:
    first, everywhere, alone, _ = play(a_setup(), "html")
    assert (first.answered_by, first.attempts, first.verdict) == ("b", 2, Verdict.ANSWERED)
    assert (everywhere.code, everywhere.verdict) == ("upstream_garbled", Verdict.TOLD)
    assert (alone.code, alone.verdict) == ("upstream_garbled", Verdict.TOLD)


def test_a_fault_of_connecting_strikes_at_its_own_address() -> None:
    first, everywhere, *_ = play(a_setup(), "refused")
    assert (first.answered_by, first.attempts) == ("b", 1)
    assert (everywhere.code, everywhere.attempts) == ("upstream_unreachable", 0)


def test_the_rights_of_a_key_hold() -> None:
    first, *_ = play(a_setup(), "html", key="eu")
    assert (first.struck, first.code) == ("b", "upstream_garbled")


def test_a_tool_of_last_resort_is_an_answer() -> None:
    sorry = {
        "function": "template",
        "arguments": {"pattern": "(?P<all>.+)"},
        "settings": {"template": "Sorry."},
    }
    price = {"input_usd": 1, "output_usd": 1}
    targets = {
        "a": {"provider": "q", "tier": "small", "price": price},
        "sorry": {"kind": "tool", "tool": sorry},
    }
    aliases = {"auto": {"targets": ["a"], "last": ["sorry"]}}
    results = play(a_setup(targets=targets, aliases=aliases), "html")
    assert {each.answered_by for each in results} == {"sorry"}
    assert {each.verdict for each in results} == {Verdict.ANSWERED}


def test_every_alias_is_asked_for_and_targets_with_a_fallback() -> None:
    assert names(a_setup()) == ["auto", "one"]


def test_a_quick_rehearsal_has_nine_faults_and_a_full_one_all_that_break_something() -> None:
    assert [each.name for each in faults(quick=True)] == list(QUICK)
    full = faults(quick=False)
    assert len(full) > 60
    left_out = [each for each in CATALOGUE if each not in full]
    assert {each.expect for each in left_out} <= {Expect.ANSWER, Expect.BOUNDED}


def test_each_fault_has_a_scene_for_each_form_it_has() -> None:
    found: list[Scene] = list(scenes(a_setup(), [BY_NAME["truncated-sse"]], quick=False))
    assert {(each.form.value, each.everywhere) for each in found} == {
        ("stream", False),
        ("stream", True),
    }
    assert len(list(scenes(a_setup(), [BY_NAME["503"]], quick=False))) == 8


def test_only_a_lost_call_and_a_truncated_answer_are_bad() -> None:
    assert {each for each in Verdict if each.bad} == {Verdict.LOST, Verdict.TRUNCATED}
