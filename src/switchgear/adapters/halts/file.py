"""A board that is one small file: it needs no server, no database and no gateway that runs."""

import asyncio
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import msgspec
from typing_extensions import override

from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.engine.halt import Halts, merged
from switchgear.ports.board import Board

MOST_BYTES = 4_000_000
"""Of the file."""
LOCK_TRIES, LOCK_PAUSE_S = 40, 0.05
"""For whoever writes at the same moment. Nobody is kept from stopping something by a lock."""
MODE = 0o644
"""The gateway reads what another user of the machine may have written."""

Stamp = tuple[int, int, int]


class Posted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One halt as the file has it; what is misspelt is an error, not a halt less."""

    kind: Halted
    name: str = ""
    at: int = 0
    """Unix milliseconds; 0, for who writes by hand, is when the file was written."""
    by: str = ""
    note: str = ""
    tenant: str = ""
    on: bool = True


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    halts: tuple[Posted, ...] = ()


_decode = msgspec.json.Decoder(Sheet).decode


class FileBoard(Board):
    """One file, replaced as a whole by whoever posts."""

    def __init__(self, path: Path) -> None:
        """Know where it is; nothing is read yet."""
        self.path = path
        self._seen: Stamp | None = None
        self._looked = False

    @override
    def look(self) -> tuple[Halt, ...] | None:
        try:
            stamp = _stamp(self.path)
        except OSError as error:
            raise HaltsUnknown(self._told(error)) from None
        if self._looked and stamp == self._seen:
            return None
        self._looked, self._seen = True, stamp
        try:
            return self._read()
        except HaltsUnknown:
            self._looked = False
            raise

    @override
    async def post(self, halts: Iterable[Halt]) -> None:
        await asyncio.to_thread(self.write, halts)

    def write(self, halts: Iterable[Halt]) -> None:
        """Add words to the file, now; it may wait for the disk.

        Raises:
            HaltsUnknown: they are not there.
        """
        try:
            with self._locked():
                self._write(merged(self._there(), halts))
        except OSError as error:
            raise HaltsUnknown(self._told(error)) from None

    def _there(self) -> Halts:
        """Return what is posted; a file that nobody can read is put aside, not kept in the way."""
        try:
            return merged({}, self._read())
        except HaltsUnknown:
            self.path.replace(self.path.with_suffix(".broken"))
            return {}

    def _read(self) -> tuple[Halt, ...]:
        try:
            with self.path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
                written = UnixMs(os.fstat(file.fileno()).st_mtime_ns // 1_000_000)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise HaltsUnknown(self._told(error)) from None
        if len(raw) > MOST_BYTES:
            raise HaltsUnknown(f"{self.path} is longer than {MOST_BYTES} bytes.")
        try:
            return tuple(_halt(each, written) for each in _decode(raw).halts)
        except (ValueError, RecursionError) as error:
            raise HaltsUnknown(f"{self.path} is not what it should be: {error}.") from None

    def _write(self, halts: Halts) -> None:
        """Put a new file in the old one's place, so that nobody ever reads half of one."""
        sheet = Sheet(halts=tuple(_posted(each) for each in halts.values()))
        raw = msgspec.json.format(msgspec.json.encode(sheet), indent=1)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            with fresh.open("wb") as file:
                file.write(raw + b"\n")
                file.flush()
                os.fchmod(file.fileno(), MODE)
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDONLY | os.O_CREAT, MODE)
        try:
            for _ in range(LOCK_TRIES):
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                Event().wait(LOCK_PAUSE_S)
            yield
        finally:
            os.close(lock)

    def _told(self, error: OSError) -> str:
        return f"{self.path}: {error.strerror or type(error).__name__}."


def _stamp(path: Path) -> Stamp | None:
    """Return what changes when the file does; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  (one call, four times a second)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _halt(posted: Posted, written: UnixMs) -> Halt:
    if (posted.kind is Halted.EVERYTHING) is (posted.name != ""):
        raise ValueError(f"a halt of kind {posted.kind.value} with the name {posted.name!r}")
    return Halt(
        kind=posted.kind,
        name=posted.name,
        at=UnixMs(posted.at) or written,
        by=posted.by,
        note=posted.note,
        tenant=posted.tenant,
        on=posted.on,
    )


def _posted(halt: Halt) -> Posted:
    return Posted(
        kind=halt.kind,
        name=halt.name,
        at=halt.at,
        by=halt.by,
        note=halt.note,
        tenant=halt.tenant,
        on=halt.on,
    )
