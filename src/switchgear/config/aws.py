"""Amazon's regions, and the addresses that follow from them."""

import re

from switchgear.config.schema import ProviderEntry

REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}")
_ADDRESS = re.compile(rf"https?://bedrock-runtime(?:-fips)?\.({REGION.pattern})\.")
CHINA = "cn-"


def region_of(entry: ProviderEntry) -> str:
    """Return the region that a provider's requests are signed for; empty where nobody says it."""
    if entry.aws and entry.aws.region:
        return entry.aws.region
    found = _ADDRESS.match(entry.base_url)
    if found:
        return found[1]
    return entry.region if REGION.fullmatch(entry.region) else ""


def address_of(entry: ProviderEntry) -> str:
    """Return the address of Bedrock in a provider's region; empty where that is not known."""
    region = region_of(entry)
    end = "amazonaws.com.cn" if region.startswith(CHINA) else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{end}" if REGION.fullmatch(region) else ""
