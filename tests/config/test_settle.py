"""A vendor's name is enough, and what the owner writes wins."""

from typing import Any

import msgspec
import pytest

from switchgear.config.read import read_setup
from switchgear.config.schema import ProviderEntry
from switchgear.config.setup import Provider
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.quirk import PLAIN, Quirks
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
PRICE = {"input_usd": 1, "output_usd": 2}
TARGETS = {
    tier: {"provider": "p", "model": f"m-{tier}", "tier": tier, "window": 8000, "price": PRICE}
    for tier in ("small", "mid", "frontier")
}


def provider(**said: Any) -> Provider:
    content = {"providers": {"p": said}, "targets": TARGETS}
    return read_setup(msgspec.json.encode(content), {}, AT).setup.providers["p"]


@pytest.mark.parametrize("vendor", [each for each in VENDORS.values() if not each.needs],
                         ids=lambda each: each.name)  # fmt: skip
def test_a_name_and_a_credential_are_enough(vendor: Vendor) -> None:
    made = provider(vendor=vendor.name, api_key="sk-1")
    assert made.dialect is vendor.dialect
    assert made.base_url == vendor.addresses[vendor.dialect]
    assert made.service is vendor.service
    assert made.ask_usage is vendor.ask_usage
    assert made.prefill is vendor.prefill
    assert made.quirks == (vendor.quirks if made.dialect is Dialect.OPENAI_CHAT else PLAIN)


def test_what_the_owner_writes_wins() -> None:
    made = provider(
        vendor="mistral",
        base_url="http://127.0.0.1:9/v1/",
        ask_usage=True,
        prefill="plain",
        rename={"seed": "graine"},
        drop=["top_p"],
    )
    assert made.base_url == "http://127.0.0.1:9/v1"
    assert made.ask_usage
    assert made.prefill is PrefillForm.PLAIN
    assert ("seed", "graine") in made.quirks.renamed
    assert ("seed", "random_seed") not in made.quirks.renamed
    assert ("max_completion_tokens", "max_tokens") in made.quirks.renamed
    assert {"top_p", "user"} <= set(made.quirks.dropped)


def test_the_address_goes_with_the_dialect() -> None:
    made = provider(vendor="gemini", dialect="openai-chat")
    assert made.base_url.endswith("/v1beta/openai")
    assert provider(vendor="openai", dialect="openai-responses").quirks == PLAIN


def test_without_a_vendor_all_is_as_written() -> None:
    made = provider(dialect="openai-chat", base_url="https://api.groq.com/openai/v1")
    assert (made.quirks, made.ask_usage, made.prefill) == (Quirks(), True, PrefillForm.PLAIN)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({}, "2024-10-21"),
        ({"dialect": "openai-responses"}, "2025-04-01-preview"),
        ({"api_version": "2025-01-01-preview"}, "2025-01-01-preview"),
        ({"base_url": "https://me.openai.azure.com/openai/v1/"}, ""),
    ],
)
def test_azures_older_paths_have_a_version_and_the_newer_none(
    said: dict[str, str], version: str
) -> None:
    made = provider(**{"vendor": "azure", "base_url": "https://me.openai.azure.com/", **said})
    assert made.api_version == version


def test_a_price_is_found_by_the_vendor_too() -> None:
    price = {name: entry for name, entry in TARGETS.items() if name != "small"}
    small = {"provider": "p", "model": "llama-3.1-8b-instant", "tier": "small", "window": 8000}
    said = {"vendor": "groq", "base_url": "http://127.0.0.1:9"}
    content = {"providers": {"p": said}, "targets": {**price, "small": small}}
    setup = read_setup(msgspec.json.encode(content), {}, AT).setup
    assert next(each for each in setup.policy.targets if each.id == "small").price.input > 0


def test_an_entry_says_nothing_by_itself() -> None:
    entry = ProviderEntry()
    assert (entry.vendor, entry.dialect, entry.service, entry.ask_usage) == ("", None, None, None)
