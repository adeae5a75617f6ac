"""Finds the ledger file that a command is about, and opens it for reading."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.cli.remote import Readable, RemoteShelf
from switchgear.config.document import read_document
from switchgear.config.error import ConfigError
from switchgear.config.load import fill
from switchgear.config.setup import Book
from switchgear.domain.errors import LedgerDown, SwitchgearError
from switchgear.domain.secret import Secret

Found = TypeVar("Found")

CONFIG = Path("switchgear.yaml")
LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", "-l", help="The ledger file; by default the one of the config."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The config file; by default switchgear.yaml, if any."),
]


def open_shelf(ledger: Path | None, config: Path | None) -> Readable:
    """Open the ledger for reading, or exit with 2 and say why not."""
    try:
        url = ledger_url(ledger, config)
        return Shelf(ledger_path(ledger, config)) if url is None else RemoteShelf(url)
    except LedgerDown as error:
        refuse(error.message)


def ledger_path(ledger: Path | None, config: Path | None) -> Path:
    """Return the ledger's path: as given, else as the config says, else the usual one."""
    if ledger is not None:
        return ledger
    if config is None and not CONFIG.exists():
        return Path(Book().path)
    return Path(_path_in(config or CONFIG))


def ledger_url(ledger: Path | None, config: Path | None) -> Secret | None:
    """Return the address of the config's database; None where a file is meant."""
    if ledger is not None or (config is None and not CONFIG.exists()):
        return None
    url = _said_in(config or CONFIG).get("url")
    if not url:
        return None
    try:
        return Secret(fill(str(url), os.environ))
    except ConfigError as error:
        refuse(f"{config or CONFIG}: {error.errors[0].message}.")


def carried_out(work: Coroutine[Any, Any, Found]) -> Found:
    """Return what comes of work on what is kept, or exit with 2 and say why nothing does."""
    try:
        return asyncio.run(work)
    except SwitchgearError as error:
        refuse(error.message)


def refuse(message: str) -> NoReturn:
    """Say what is wrong, and exit with 2."""
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _path_in(config: Path) -> str:
    section = _said_in(config)
    if section.get("url"):
        refuse(f"{config} keeps its ledger in a database; this needs a file, give --ledger.")
    path = section.get("path")
    if path is None:
        return Book().path
    if not isinstance(path, str) or "${" in path or path == ":memory:":
        refuse(f"{config} names no ledger file that can be opened from here; give --ledger.")
    return path


def _said_in(config: Path) -> dict[str, object]:
    # Only this one section is read, so that no variable of the environment need be set for others.
    try:
        value = read_document(config.read_bytes()).value
    except (OSError, ConfigError) as error:
        refuse(f"{config} cannot be read: {getattr(error, 'strerror', '') or error}.")
    section = value.get("ledger") if isinstance(value, dict) else None
    return section if isinstance(section, dict) else {}
