"""From a config file's text to a setup, in one step."""

from collections.abc import Mapping

import msgspec

from switchgear.config.compile import compile_setup
from switchgear.config.error import ConfigError, Finding, Severity
from switchgear.config.load import load
from switchgear.config.setup import Setup
from switchgear.config.verify import verify
from switchgear.domain.units import UnixMs


class Read(msgspec.Struct, frozen=True):
    """A setup, and what the owner should know of it."""

    setup: Setup
    warnings: tuple[Finding, ...]


def read_setup(content: bytes, environment: Mapping[str, str], at: UnixMs) -> Read:
    """Load, verify and compile a config file; ``at`` is the day whose prices hold.

    Raises:
        ConfigError: it cannot go live; the findings say why.
    """
    loaded = load(content, environment)
    findings = loaded.place(verify(loaded.file, at))
    if any(each.severity is Severity.ERROR for each in findings):
        raise ConfigError(findings)
    return Read(compile_setup(loaded.file, at), findings)
