"""What a beginner is told of an address that is not right, vendor by vendor."""

import msgspec
import pytest

from switchgear.config.error import ConfigError, Finding
from switchgear.config.read import read_setup
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
PRICE = {"input_usd": 1, "output_usd": 2}
TARGETS = {
    tier: {"provider": "p", "model": f"m-{tier}", "tier": tier, "window": 8000, "price": PRICE}
    for tier in ("small", "mid", "frontier")
}
HOSTED = [
    (vendor, dialect.value, address)
    for vendor in VENDORS.values()
    for dialect, address in vendor.addresses.items()
    if address.startswith("https://")
]
NAMES = [f"{vendor.name} {dialect}" for vendor, dialect, _ in HOSTED]
IN_CLOUDS = [vendor for vendor in VENDORS.values() if vendor.needs]


def found(**said: object) -> dict[str, Finding]:
    content = {"providers": {"p": said}, "targets": TARGETS}
    try:
        findings = read_setup(msgspec.json.encode(content), {}, AT).warnings
    except ConfigError as error:
        findings = error.findings
    return {each.code: each for each in findings}


@pytest.mark.parametrize(("vendor", "dialect", "address"), HOSTED, ids=NAMES)
def test_the_right_address_is_written_without_a_word(
    vendor: Vendor, dialect: str, address: str
) -> None:
    for written in (address, f"{address}/"):
        assert found(vendor=vendor.name, dialect=dialect, base_url=written) == {}


@pytest.mark.parametrize(("vendor", "dialect", "address"), HOSTED, ids=NAMES)
def test_an_address_without_its_path_is_told_with_the_right_one(
    vendor: Vendor, dialect: str, address: str
) -> None:
    scheme, _, rest = address.partition("://")
    host, slash, _ = rest.partition("/")
    findings = found(vendor=vendor.name, dialect=dialect, base_url=f"{scheme}://{host}")
    assert set(findings) == ({"odd_address"} if slash else set())
    assert all(address in each.message for each in findings.values())


@pytest.mark.parametrize("end", ["/chat/completions", "/messages", "/responses", "/models"])
def test_an_address_with_its_endpoint_is_told(end: str) -> None:
    said = {"dialect": "openai-chat", "base_url": f"https://llm.example.com/v1{end}"}
    assert f"without {end}" in found(**said)["odd_address"].message


def test_an_address_of_the_owners_own_is_nobodys_business() -> None:
    assert found(vendor="groq", base_url="https://proxy.example.com/groq") == {}
    assert found(vendor="vllm", base_url="http://127.0.0.1:9") == {}


@pytest.mark.parametrize("vendor", IN_CLOUDS, ids=lambda each: each.name)
def test_what_only_the_owner_can_know_is_asked_for_with_an_example(vendor: Vendor) -> None:
    message = found(vendor=vendor.name)["missing_key"].message
    assert all(name in message and value in message for name, value in vendor.needs)


def test_a_vendor_that_is_none_is_told_with_the_nearest_and_all() -> None:
    findings = found(vendor="mistrall", api_key="sk-1")
    assert set(findings) == {"unknown_vendor"}
    message = findings["unknown_vendor"].message
    assert "did you mean mistral?" in message
    assert all(name in message for name in VENDORS)


def test_a_dialect_for_which_no_address_is_known_asks_for_one() -> None:
    message = found(vendor="groq", dialect="anthropic-messages")["missing_key"].message
    assert message == "base_url is missing: of groq it is known for openai-chat only"


def test_without_a_vendor_both_are_asked_for() -> None:
    assert "vendor" in found(base_url="https://x.example.com")["missing_key"].message
    assert "https://" in found(dialect="openai-chat")["missing_key"].message
