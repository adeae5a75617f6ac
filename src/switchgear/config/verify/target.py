"""Whether each target says what must be known of it."""

from collections.abc import Iterator

from switchgear.config.error import Finding, Path
from switchgear.config.schema import File
from switchgear.config.shape import nearest
from switchgear.config.target import ASSUMED_WINDOW, Resolved
from switchgear.config.verify.subject import Subject, check_id, found
from switchgear.domain.target import Capability, Tier
from switchgear.wire.embedding.registry import EMBEDDERS

PRICE_TO_WRITE = "price: {input_usd: 1.0, output_usd: 4.0}, in US dollars for a million tokens"


def check_targets(subject: Subject) -> Iterator[Finding]:
    """Find targets without provider, tier or price."""
    if not subject.targets:
        yield found("no_targets", ("targets",), "nothing here can serve a call; declare a target")
    for name, target in subject.targets.items():
        path = ("targets", name)
        yield from check_id(path, name)
        if target.tier is not None and (target.tier is Tier.TOOL) is not (
            target.entry.kind == "tool"
        ):
            message = "a tool's tier is tool, and that of nothing else; leave it out for a tool"
            yield found("wrong_tier", (*path, "tier"), message)
        if target.entry.kind != "tool":
            if target.tier is None:
                message = "it does not say its tier; write tier: small, mid or frontier"
                yield found("missing_tier", path, message)
            # without its provider nothing could be looked up
            yield from list(_provider(path, target, subject)) or _figures(
                path, target, subject.file
            )


def _provider(path: Path, target: Resolved, subject: Subject) -> Iterator[Finding]:
    provider = target.entry.provider
    if provider in subject.file.providers:
        return
    known = subject.file.providers
    message = f"there is no provider {provider!r}{nearest(provider, known)}"
    if not provider:
        message = f"it does not say its provider; there are: {', '.join(known) or 'none yet'}"
    yield found("unknown_provider", (*path, "provider"), message)


def _figures(path: Path, target: Resolved, file: File) -> Iterator[Finding]:
    if target.price is None:
        message = f"the price list does not have it; write {PRICE_TO_WRITE}"
        yield found("missing_price", path, message)
    dialect = file.providers[target.entry.provider].dialect
    embeds = Capability.EMBEDDINGS in (target.entry.capabilities or ())
    if embeds and dialect is not None and dialect not in EMBEDDERS:
        message = f"there is no way to embed in {dialect.value}; it could never serve"
        yield found("cannot_embed", (*path, "capabilities"), message)
    if target.entry.window is None and target.listed.window is None:
        message = (
            f"its window is not known and was taken as {ASSUMED_WINDOW:,} tokens; write window"
        )
        yield found("assumed_window", path, message)
