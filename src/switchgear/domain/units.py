"""Quantities, so that no bare number crosses a floor."""

from typing import NewType

Seconds = NewType("Seconds", float)
"""A span, or a reading of the monotonic clock. Never wall time."""

UnixMs = NewType("UnixMs", int)
"""Wall time: milliseconds since 1970-01-01 UTC. For people and for ids; never for spans."""

Tokens = NewType("Tokens", int)

NanoUsd = NewType("NanoUsd", int)
"""Money as whole billionths of a US dollar: sums are exact and their order never matters."""

NANO_PER_USD = 1_000_000_000
