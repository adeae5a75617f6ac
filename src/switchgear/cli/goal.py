"""Finds what the config wants of the figures, without needing anything else of it."""

from pathlib import Path

import msgspec

from switchgear.cli.shelf import CONFIG, refuse
from switchgear.config.document import read_document
from switchgear.config.error import ConfigError
from switchgear.config.goal import GoalsEntry, goals_of
from switchgear.domain.goal import Goals


def goals_in(config: Path | None) -> Goals:
    """Return the goals of the config, else the usual ones; exit with 2 where they are no good."""
    if config is None and not CONFIG.exists():
        return Goals()
    file = config or CONFIG
    try:
        found = read_document(file.read_bytes()).value
    except (OSError, ConfigError) as error:
        refuse(f"{file} cannot be read: {getattr(error, 'strerror', '') or error}.")
    for name in ("learning", "goals"):
        found = found.get(name) if isinstance(found, dict) else None
    try:
        return goals_of(msgspec.convert(found or {}, GoalsEntry))
    except msgspec.ValidationError as error:
        refuse(f"{file}: learning.goals: {str(error).replace('`', '')}.")
