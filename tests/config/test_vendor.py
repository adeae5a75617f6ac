"""The table of vendors: every row can be used, and none contradicts itself."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.read import read_setup
from switchgear.config.service import Service
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.dialect import Dialect
from switchgear.domain.quirk import PLAIN
from switchgear.domain.units import UnixMs
from switchgear.wire.quirk import fit

AT = UnixMs(1_795_000_000_000)
ROWS = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
FIELDS = sorted(
    {
        *("model", "messages", "stream", "seed", "random_seed", "max_tokens", "user", "store"),
        *("max_completion_tokens", "metadata", "stream_options", "response_format", "tool_choice"),
        *("prompt_cache_key", "logit_bias", "verbosity", "tools", "reasoning_effort"),
    }
)
WORDS = ["developer", "system", "required", "any", "json_schema", "json_object", "call_1", "x"]
PARTS = ["role", "name", "type", "id", "tool_calls", "tool_call_id", "json_schema", "function"]
LEAVES = st.none() | st.integers(0, 9) | st.sampled_from(WORDS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES)


@ROWS
def test_a_row_says_where_and_how_or_gives_an_example(vendor: Vendor) -> None:
    assert re.fullmatch(r"[a-z][a-z.]*", vendor.name)
    assert vendor.title
    assert vendor.source
    assert re.fullmatch(r"([A-Z]+_)+KEY", vendor.key) or not vendor.key
    for address in vendor.addresses.values():
        assert re.fullmatch(r"https?://[a-z0-9.:-]+(/[a-z0-9/]+)?(?<!/)", address) or (
            vendor.needs and not address
        )


@ROWS
def test_a_row_without_an_address_is_of_a_service_with_its_own(vendor: Vendor) -> None:
    assert (vendor.service is Service.PLAIN) == all(vendor.addresses.values())


@ROWS
def test_the_line_for_the_file_checks_clean(vendor: Vendor) -> None:
    price = "price: {input_usd: 1, output_usd: 2}"
    shared = f"provider: {vendor.name}, window: 8000, {price}"
    targets = [f"  {tier}: {{{shared}, tier: {tier}}}" for tier in ("small", "mid", "frontier")]
    text = "\n".join(["providers:", f"  {vendor.line}", "targets:", *targets])
    read = read_setup(text.encode(), {vendor.key: "sk-1"}, AT)
    assert read.warnings == ()
    assert read.setup.providers[vendor.name].service is vendor.service
    assert read.setup.providers[vendor.name].base_url


@ROWS
def test_only_chat_completions_have_quirks(vendor: Vendor) -> None:
    assert vendor.quirks == PLAIN or Dialect.OPENAI_CHAT in vendor.addresses


@ROWS
def test_a_name_is_not_given_that_is_taken_away(vendor: Vendor) -> None:
    quirks = vendor.quirks
    gone = {*quirks.dropped, *(old for old, _ in quirks.renamed)}
    assert gone.isdisjoint(new for _, new in quirks.renamed)
    texts = {(path, old) for path, old, _ in quirks.mapped}
    assert texts.isdisjoint((path, new) for path, _, new in quirks.mapped)
    assert len(quirks.dropped) == len(set(quirks.dropped))


@given(BODIES, st.sampled_from([each for each in VENDORS.values() if each.quirks != PLAIN]))
def test_twice_is_as_good_as_once(body: dict[str, object], vendor: Vendor) -> None:
    once, _ = fit(msgspec.json.encode(body), vendor.quirks)
    again, lost = fit(once, vendor.quirks)
    assert again is once
    assert lost == ()
