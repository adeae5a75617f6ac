"""A file of fixed size, its room taken beforehand, that keeps records when a database cannot.

A header, then records one behind the other. The checksum of a record goes on from the one before
it, and the first from the header's, which has a new number after each emptying: so what is read is
always a whole beginning of what was written since, however the file was cut off, and a record of
an earlier filling is never taken for one of this.
"""

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from zlib import crc32

if sys.platform != "win32":
    import fcntl

MAGIC = b"SWGRJRNL"
START = struct.Struct("<8sQ")
"""Magic and number of the filling."""
CHECKSUM = struct.Struct("<I")
HEADER_SIZE = START.size + CHECKSUM.size
"""Far within one sector, so that a header is never half written by a disk that writes sectors
whole."""
FRAME = struct.Struct("<II")
"""Length and checksum of the record that follows."""
MOST_FILES = 16
"""Processes beside one database that can have a journal each."""


class Journal:
    """One process's journal: nobody else has it open. What it takes is on the disk."""

    def __init__(self, descriptor: int, size: int, *, durable: bool) -> None:
        """Read what a file holds that was opened and locked; make its room sure.

        Raises:
            OSError: there is no room on the disk, or it cannot be read.
        """
        self._descriptor = descriptor
        self._size = size
        self._durable = durable
        _reserve(descriptor, size)
        raw = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self.left, self._end, self._seed = read(raw)
        """Records of an earlier process, oldest first."""
        self._number = START.unpack_from(raw)[1] if self._end else 0
        if not self._end and any(raw[:HEADER_SIZE]):  # no telling which filling is behind it
            self._write(bytes(len(raw)), 0)
        if not self.left:
            self.empty()

    def append(self, records: Sequence[bytes]) -> list[bool]:
        """Keep those records for which there is room, and say for each whether it is kept.

        Raises:
            OSError: none is kept.
        """
        kept: list[bool] = []
        frames: list[bytes] = []
        end, seed = self._end, self._seed
        for record in records:
            fits = end + FRAME.size + len(record) <= self._size
            kept.append(fits)
            if fits:
                checksum = _checksum(record, seed)
                frames += (FRAME.pack(len(record), checksum), record)
                end, seed = end + FRAME.size + len(record), checksum
        if frames:
            self._write(b"".join(frames), self._end)
        self._end, self._seed = end, seed
        return kept

    def empty(self) -> None:
        """Forget all records.

        Raises:
            OSError: they may still be there.
        """
        self._number += 1
        header = head(self._number)
        self._write(header, 0)
        self.left, self._end, self._seed = [], HEADER_SIZE, _seed(header)

    def close(self) -> None:
        """Let others have it; what it holds stays."""
        os.close(self._descriptor)

    def _write(self, data: bytes, place: int) -> None:
        view = memoryview(data)
        while view:
            count = os.pwrite(self._descriptor, view, place)
            view, place = view[count:], place + count
        if self._durable:
            os.fsync(self._descriptor)

    @classmethod
    def claim(cls, database: Path, size: int, *, durable: bool) -> list[Self]:
        """Return a journal for this process, then those that other processes left with records in.

        Raises:
            OSError: no file could be made, locked or given its room.
        """
        found: list[Self] = []
        for path in _paths(database):
            if found and not path.exists():
                break
            descriptor = _locked(path)
            if descriptor is None:
                continue
            try:
                journal = cls(descriptor, size, durable=durable)
            except OSError:
                os.close(descriptor)
                raise
            if found and not journal.left:
                journal.close()
            else:
                found.append(journal)
        if not found:
            raise OSError(f"other processes have all {MOST_FILES} journals beside {database}")
        return found


def head(number: int) -> bytes:
    """Return the header of a filling."""
    start = START.pack(MAGIC, number)
    return start + CHECKSUM.pack(crc32(start))


def read(raw: bytes) -> tuple[list[bytes], int, int]:
    """Return the whole records that ``raw`` begins with, their end, and the last checksum.

    All are nothing where there is no header.
    """
    header = raw[:HEADER_SIZE]
    if len(header) < HEADER_SIZE or head(START.unpack_from(raw)[1]) != header:
        return [], 0, 0
    records, end, seed = [], HEADER_SIZE, _seed(header)
    while len(raw) >= end + FRAME.size:
        length, checksum = FRAME.unpack_from(raw, end)
        record = raw[end + FRAME.size : end + FRAME.size + length]
        if not length or len(record) < length or _checksum(record, seed) != checksum:
            break
        records.append(record)
        end, seed = end + FRAME.size + length, checksum
    return records, end, seed


def _seed(header: bytes) -> int:
    # Not the checksum of all of it: that of anything followed by its own is always the same.
    return int(CHECKSUM.unpack_from(header, START.size)[0])


def _checksum(record: bytes, seed: int) -> int:
    return crc32(record, crc32(len(record).to_bytes(4, "little"), seed))


def _paths(database: Path) -> Iterator[Path]:
    for number in range(MOST_FILES):
        yield database.with_name(f"{database.name}.journal{f'-{number + 1}' if number else ''}")


def _locked(path: Path) -> int | None:
    """Return the open file; None when another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor
    os.close(descriptor)
    return None


def _reserve(descriptor: int, size: int) -> None:
    """Take the room on the disk now, while there is some."""
    missing = size - os.fstat(descriptor).st_size
    if missing <= 0:
        return
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.pwrite(descriptor, bytes(missing), size - missing)
    os.fsync(descriptor)
