"""What a model name asks for."""

import msgspec

from support.cast import AUTO, LARGE, MID, SMALL, policy
from switchgear.engine.name import nearest, resolve, stand_in
from switchgear.engine.policy import Alias


def test_an_alias_wins_over_a_target_of_the_same_name() -> None:
    rules = policy(aliases={"mid": Alias(name="mid", targets=("small",))})
    asked = resolve("mid", rules)
    assert asked is not None
    assert (asked.pool, asked.named) == (frozenset({"small"}), "")


def test_a_target_is_asked_for_by_id_or_by_provider_and_model() -> None:
    named = msgspec.structs.replace(MID, fallback=("large",))
    rules = policy((SMALL, named, LARGE))
    for name in ("mid", "sim/model-mid"):
        asked = resolve(name, rules)
        assert asked is not None
        assert (asked.named, asked.fallback) == ("mid", ("large",))
        assert asked.pool == {"mid", "large"}


def test_nothing_goes_by_another_name() -> None:
    assert resolve("gpt-17", policy()) is None
    assert stand_in("gpt-17", policy()) == ""


def test_without_routing_a_name_means_one_target() -> None:
    assert stand_in("auto", policy()) == AUTO.stands_for == "large"
    assert stand_in("small", policy()) == "small"


def test_the_nearest_name_is_one_that_the_caller_may_ask_for() -> None:
    assert nearest("lrge", policy(), frozenset()) == "large"
    assert nearest("lrge", policy(), frozenset({"small", "auto"})) == ""
    assert nearest("zzzzzz", policy(), frozenset()) == ""
