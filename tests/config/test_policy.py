"""Who is chosen, as the file says: defaults, units, and a version that follows it alone."""

from support.configured import TEXT, setup
from switchgear.engine.policydoc import decode_policy, encode_policy


def test_an_alias_means_every_model_or_the_targets_of_its_tiers() -> None:
    aliases = setup().policy.aliases
    assert aliases["auto"].targets == ("openai/gpt-4o-mini", "openai/gpt-5.2")
    assert aliases["auto"].last == ("sum",)
    assert aliases["strong"].targets == ("openai/gpt-5.2", "planner")


def test_a_file_without_aliases_has_auto() -> None:
    text = TEXT.partition("  planner:")[0]
    assert list(setup(text).policy.aliases) == ["auto"]


def test_a_rule_keeps_its_units() -> None:
    (rule,) = setup().policy.rules
    assert rule.then.cost_ceiling == 250_000_000
    assert rule.then.regions == frozenset({"eu"})
    assert rule.then.targets is None


def test_only_metadata_that_a_condition_reads_are_named() -> None:
    assert setup().policy.metadata == frozenset({"env", "team"})


def test_the_version_follows_the_policy_and_not_the_credentials() -> None:
    one = setup().policy.version
    assert setup(KEY="sk-2", SECRET="sw-2").policy.version == one
    assert setup(TEXT.replace("connect_s: 1", "connect_s: 2")).policy.version == one
    assert setup(TEXT.replace("0.25", "0.26")).policy.version != one


def test_a_compiled_policy_can_be_kept_and_read_again() -> None:
    policy = setup().policy
    assert decode_policy(encode_policy(policy)) == policy


def test_an_alias_or_a_rule_may_name_its_own_next_step_or_the_stronger() -> None:
    said = TEXT.replace("{last: [sum]}", "{last: [sum], after_flaws: [planner]}")
    said = said.replace("{tier: frontier, cost", "{after_flaws: stronger, tier: frontier, cost")
    policy = setup(said).policy
    assert policy.aliases["auto"].after_flaws == ("planner",)
    assert policy.aliases["strong"].after_flaws is None
    assert policy.rules[0].then.after_flaws == ()
