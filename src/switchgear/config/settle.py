"""A file with what its vendors' rows say filled in; whatever the owner wrote wins."""

import msgspec

from switchgear.config.aws import address_of
from switchgear.config.schema import File, ProviderEntry
from switchgear.config.service import Service
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.quirk import PLAIN, Quirks


def settle(file: File) -> File:
    """Return the file with every provider's defaults written out, as far as they are known."""
    providers = {name: _settled(each) for name, each in file.providers.items()}
    return msgspec.structs.replace(file, providers=providers)


def quirks_of(entry: ProviderEntry) -> Quirks:
    """Return what is changed in requests to a provider: its vendor's quirks, and the owner's."""
    vendor = VENDORS.get(entry.vendor)
    known = vendor.quirks if vendor and entry.dialect is Dialect.OPENAI_CHAT else PLAIN
    own = {old for old, _ in known.renamed} & set(entry.rename)
    kept = tuple(pair for pair in known.renamed if pair[0] not in own)
    known = msgspec.structs.replace(known, renamed=kept)
    return known + Quirks(dropped=entry.drop, renamed=tuple(entry.rename.items()))


def _settled(entry: ProviderEntry) -> ProviderEntry:
    vendor = VENDORS.get(entry.vendor)
    dialect = entry.dialect or (vendor.dialect if vendor else None)
    usual = Service.BEDROCK if dialect is Dialect.BEDROCK_CONVERSE else Service.PLAIN
    service = entry.service or (vendor.service if vendor else usual)
    asks = vendor.ask_usage if vendor else True
    form = vendor.prefill if vendor else PrefillForm.PLAIN
    return msgspec.structs.replace(
        entry,
        dialect=dialect,
        base_url=entry.base_url or _address(vendor, dialect) or _bedrock(entry, service),
        service=service,
        ask_usage=asks if entry.ask_usage is None else entry.ask_usage,
        prefill=entry.prefill or form,
    )


def _bedrock(entry: ProviderEntry, service: Service) -> str:
    return address_of(entry) if service is Service.BEDROCK else ""


def _address(vendor: Vendor | None, dialect: Dialect | None) -> str:
    return vendor.addresses.get(dialect, "") if vendor and dialect else ""
