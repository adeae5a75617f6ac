"""The file of halts: written whole, read strictly, and never in the way of who stops something."""

import json
import os
from pathlib import Path
from threading import Thread

import pytest

from switchgear.adapters.halts import file
from switchgear.adapters.halts.file import FileBoard
from switchgear.domain.denial import HaltsUnknown
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs

BROKEN = {
    "no JSON": b"{",
    "another shape": b"[]",
    "a misspelt field": b'{"halts":[{"kind":"tenant","nmae":"acme"}]}',
    "a kind that is none": b'{"halts":[{"kind":"galaxy"}]}',
    "a tenant without a name": b'{"halts":[{"kind":"tenant"}]}',
    "everything with a name": b'{"halts":[{"kind":"everything","name":"x"}]}',
    "no text": b"\xff\xfe",
    "nothing": b"",
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_never_taken_for_an_empty_one(name: str, tmp_path: Path) -> None:
    path = tmp_path / "halts.json"
    path.write_bytes(BROKEN[name])
    board = FileBoard(path)
    for _ in range(2):
        with pytest.raises(HaltsUnknown, match=r"halts\.json"):
            board.look()
    path.write_text('{"halts": [{"kind": "everything"}]}')
    (halt,) = board.look() or ()
    assert halt.kind is Halted.EVERYTHING


def test_what_is_longer_than_any_file_of_ours_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "MOST_BYTES", 100)
    path = tmp_path / "halts.json"
    path.write_text(json.dumps({"halts": [{"kind": "key", "name": "k" * 100}]}))
    with pytest.raises(HaltsUnknown, match="longer"):
        FileBoard(path).look()


def test_who_writes_by_hand_need_not_say_when(tmp_path: Path) -> None:
    path = tmp_path / "halts.json"
    path.write_text('{"halts": [{"kind": "target", "name": "small"}]}')
    os.utime(path, ns=(0, 1_700_000_000_000_000_000))
    (halt,) = FileBoard(path).look() or ()
    assert halt == Halt(kind=Halted.TARGET, name="small", at=UnixMs(1_700_000_000_000))


def test_a_broken_file_is_put_aside_by_who_stops_something(tmp_path: Path) -> None:
    path = tmp_path / "halts.json"
    path.write_bytes(b"{half a fi")
    FileBoard(path).write([Halt(kind=Halted.EVERYTHING, at=UnixMs(1))])
    assert len(FileBoard(path).look() or ()) == 1
    assert (tmp_path / "halts.broken").read_bytes() == b"{half a fi"


def test_where_nothing_can_be_written_that_is_said_and_nothing_half_is_left(tmp_path: Path) -> None:
    board = FileBoard(tmp_path / "nowhere" / "halts.json")
    assert board.look() == ()
    with pytest.raises(HaltsUnknown, match="No such file"):
        board.write([Halt(kind=Halted.EVERYTHING)])
    in_the_way = tmp_path / "halts.json"
    in_the_way.mkdir()
    with pytest.raises(HaltsUnknown):
        FileBoard(in_the_way).look()


def test_of_those_who_write_at_once_nobodys_word_is_lost_or_read_by_halves(tmp_path: Path) -> None:
    path = tmp_path / "halts.json"
    reader = FileBoard(path)

    def write(writer: int) -> None:
        for number in range(5):
            FileBoard(path).write([Halt(kind=Halted.KEY, name=f"{writer}-{number}", at=UnixMs(1))])

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(each.is_alive() for each in threads):
        reader.look()
    for thread in threads:
        thread.join()
    assert len(FileBoard(path).look() or ()) == 20
    assert sorted(each.name for each in tmp_path.iterdir()) == ["halts.json", "halts.lock"]


def test_a_lock_that_nobody_lets_go_keeps_nobody_from_stopping_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "LOCK_TRIES", 2)
    board = FileBoard(tmp_path / "halts.json")
    with board._locked():
        board.write([Halt(kind=Halted.EVERYTHING)])
    assert board.look() is not None
