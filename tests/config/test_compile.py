"""From the file to the setup: defaults, units, and a version that follows the policy alone."""

import hashlib

from support.configured import TEXT, setup
from switchgear.config.setup import Keeping, Queueing, Tolerance
from switchgear.domain.caller import Mode
from switchgear.domain.edit import PrefillForm
from switchgear.domain.secret import Secret
from switchgear.domain.target import Capability, Kind, Sensitivity, Tier
from switchgear.domain.units import Seconds
from switchgear.engine.temper import Temper


def test_a_target_takes_its_defaults_from_the_price_list_and_its_provider() -> None:
    small, large, planner, tool = setup().policy.targets
    assert (small.model, small.window, small.region) == ("gpt-4o-mini", 128_000, "us")
    assert small.price.input == 150_000_000
    assert (small.quality, large.quality) == (0.5, 1.0)
    assert small.capabilities == {Capability.TOOLS, Capability.STREAMING}
    assert (large.region, large.sensitivity) == ("eu", Sensitivity.INTERNAL)
    assert (planner.kind, planner.model, planner.max_output) == (Kind.AGENT, "planner", 4500)
    assert (tool.kind, tool.tier, tool.provider) == (Kind.TOOL, Tier.TOOL, "tool")
    assert (tool.price.input, tool.price.output) == (0, 0)


def test_prefill_is_for_those_of_whom_the_owner_says_so() -> None:
    said = TEXT.replace("tier: small}", "tier: small, capabilities: [prefill]}")
    found = setup(said.replace("region: us,", "region: us, prefill: continue_final_message,"))
    assert found.policy.targets[0].capabilities == {Capability.PREFILL}
    assert found.providers["openai"].prefill is PrefillForm.CONTINUE
    plain = setup()
    assert all(Capability.PREFILL not in each.capabilities for each in plain.policy.targets)
    assert plain.providers["openai"].prefill is PrefillForm.PLAIN


def test_a_secret_is_kept_as_its_digest() -> None:
    ci, me = setup().keys
    assert ci.secret_digest == hashlib.sha256(b"sw-1").hexdigest()
    assert ci.key.metadata == (("a", "1"), ("b", "2"))
    assert (ci.key.mode, me.key.mode) == (Mode.OBSERVE, Mode.ROUTE)


def test_a_provider_has_no_slash_at_the_end_and_hides_its_credentials() -> None:
    provider = setup().providers["openai"]
    assert provider.base_url == "https://api.openai.com/v1"
    assert provider.api_key == Secret("sk-1")
    assert provider.headers == (("x-team", Secret("a")),)
    assert "sk-1" not in repr(setup())


def test_a_tool_says_where_its_arguments_come_from() -> None:
    spec = setup().tools["sum"]
    assert spec.function == "arithmetic"
    assert spec.source.pattern
    assert not spec.source.tool_call
    assert bytes(spec.schema) == b"{}"


def test_units_reach_the_server_and_patience() -> None:
    made = setup()
    assert made.patience.connect == Seconds(1)
    assert made.server.max_body == 5


def test_calls_wait_as_the_file_says_and_by_default_as_the_lanes() -> None:
    assert setup().lanes == Queueing()
    said = "lanes: {waiting: 9, in_lane: 4, at_gateway: 7, longest_wait_s: 2, ageing_s: 1, "
    made = setup(TEXT + said + "heavy_from_tokens: 500, kept: 0.1}").lanes
    assert (made.waiting, made.in_lane, made.at_gateway, made.heavy_from) == (9, 4, 7, 500)
    assert [made.longest_wait, made.ageing, made.kept] == [2.0, 1.0, 0.1]


def test_a_breaker_is_as_patient_as_the_file_says_and_by_default_as_the_engine() -> None:
    assert setup().temper == Temper()
    text = TEXT + "breaker: {failures: 2, rest_s: 1, longest_rest_s: 3, slow_first_content_s: 4}"
    made = setup(text).temper
    assert (made.failures, made.share) == (2, 0.5)
    assert [made.rest, made.longest, made.slow_first_content] == [1.0, 3.0, 4.0]
    assert setup(text).policy.version == setup().policy.version


def test_answers_are_kept_and_flaws_are_borne_as_the_file_says() -> None:
    said = "idempotency: {window_s: 5, most_mb: 2}\nflaws: {after: 2, rest_s: 9, next: [sum]}\n"
    found = setup(TEXT + said)
    assert found.idempotency == Keeping(window=Seconds(5.0), most_bytes=2_000_000)
    assert found.flaws == Tolerance(after=2, rest=Seconds(9.0))
    assert found.policy.after_flaws == ("sum",)
    assert (setup().idempotency, setup().flaws) == (Keeping(), Tolerance())
    assert setup().policy.after_flaws == ()
