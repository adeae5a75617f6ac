import pytest

from switchgear.config.aws import address_of, region_of
from switchgear.config.schema import AwsEntry, File, ProviderEntry
from switchgear.config.service import Service
from switchgear.config.settle import settle
from switchgear.domain.dialect import Dialect

THERE = "https://bedrock-runtime.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("entry", "region"),
    [
        (ProviderEntry(aws=AwsEntry(region="eu-west-1"), base_url=THERE), "eu-west-1"),
        (ProviderEntry(base_url=THERE, region="eu-west-1"), "us-west-2"),
        (ProviderEntry(base_url=THERE.replace("runtime", "runtime-fips")), "us-west-2"),
        (ProviderEntry(region="us-gov-east-1"), "us-gov-east-1"),
        (ProviderEntry(region="eu"), ""),
        (ProviderEntry(base_url="https://proxy.example"), ""),
    ],
)
def test_a_region_is_the_one_that_is_said_nearest(entry: ProviderEntry, region: str) -> None:
    assert region_of(entry) == region


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("eu-central-1", "https://bedrock-runtime.eu-central-1.amazonaws.com"),
        ("cn-north-1", "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"),
        ("Frankfurt", ""),
        ("", ""),
    ],
)
def test_an_address_follows_from_the_region(region: str, address: str) -> None:
    assert address_of(ProviderEntry(aws=AwsEntry(region=region))) == address


def test_a_provider_of_this_dialect_is_bedrock_unless_it_says_otherwise() -> None:
    spoken = Dialect.BEDROCK_CONVERSE
    plain = ProviderEntry(dialect=spoken, service=Service.PLAIN, base_url="http://localhost:1")
    given = {"a": ProviderEntry(dialect=spoken, region="eu-west-1"), "b": plain}
    found = settle(File(providers=given, targets={})).providers
    assert found["a"].service is Service.BEDROCK
    assert found["a"].base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert (found["b"].service, found["b"].base_url) == (Service.PLAIN, "http://localhost:1")
