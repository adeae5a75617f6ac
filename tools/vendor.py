"""Writes the page of vendors from the table of their rows."""

from page import table
from switchgear.config.vendor import VENDORS, Vendor
from switchgear.domain.quirk import Quirks


def vendor_page() -> str:
    """Return every vendor: the line that a file needs, its addresses, and what is changed."""
    rows = [(f"[`{each.name}`](#{_anchor(each)})", each.title, _speaks(each)) for each in _all()]
    head = table(("vendor", "whose", "speaks"), rows)
    return "\n\n".join([head, *(_section(each) for each in _all())])


def _all() -> list[Vendor]:
    return list(VENDORS.values())


def _anchor(vendor: Vendor) -> str:
    return vendor.name.replace(".", "")


def _speaks(vendor: Vendor) -> str:
    return ", ".join(f"`{each.value}`" for each in vendor.addresses)


def _section(vendor: Vendor) -> str:
    parts = [f"## {vendor.name}", f"```yaml\nproviders:\n  {vendor.line}\n```"]
    addresses = [
        (f"`{dialect.value}`", f"`{address}`")
        for dialect, address in vendor.addresses.items()
        if address
    ]
    if addresses:
        parts.append(table(("dialect", "address"), addresses))
    facts = [*_settings(vendor), *_changes(vendor.quirks)]
    parts += ["\n".join(f"- {each}" for each in facts)] if facts else []
    parts += [vendor.note] if vendor.note else []
    parts.append(f"Source: {vendor.source}; {vendor.known}.")
    return "\n\n".join(parts)


def _settings(vendor: Vendor) -> list[str]:
    found = []
    if not vendor.ask_usage:
        found.append("`ask_usage: false`")
    if vendor.prefill.value != "plain":
        found.append(f"`prefill: {vendor.prefill.value}`")
    return found


def _changes(quirks: Quirks) -> list[str]:
    found = [f"`{old}` becomes `{new}`" for old, new in quirks.renamed]
    found += [f'`{path}`: `"{old}"` becomes `"{new}"`' for path, old, new in quirks.mapped]
    if quirks.short_ids:
        found.append("ids of tool calls become nine letters and digits")
    if quirks.dropped:
        found.append("dropped: " + ", ".join(f"`{path}`" for path in sorted(quirks.dropped)))
    return found
