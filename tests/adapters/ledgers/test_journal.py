import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.adapters.ledgers.journal import HEADER_SIZE, Journal, read

SIZE = 4096
records = st.lists(st.binary(min_size=1, max_size=60), max_size=8)


def only(database: Path, size: int = SIZE) -> Journal:
    [journal] = Journal.claim(database, size, durable=False)
    return journal


def file_of(database: Path) -> Path:
    return database.with_name(database.name + ".journal")


@settings(max_examples=60, deadline=None)
@given(records, records, st.data())
def test_any_beginning_of_its_bytes_gives_a_beginning_of_its_records(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[bytes],
    written: list[bytes],
    data: st.DataObject,
) -> None:
    database = tmp_path_factory.mktemp("journal") / "x.db"
    journal = only(database)
    assert journal.append(old) == [True] * len(old)
    journal.empty()
    before = file_of(database).read_bytes()
    journal.append(written)
    after = file_of(database).read_bytes()
    journal.close()
    cut = data.draw(st.integers(HEADER_SIZE, SIZE))
    # What a crash leaves: the new bytes so far, and behind them those of the filling before.
    found, _, _ = read(after[:cut] + before[cut:])
    assert found == written[: len(found)]
    shorter, _, _ = read(after[:cut])
    assert shorter == found[: len(shorter)]
    assert read(after)[0] == written


@given(records, st.integers(0, SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_ends_what_is_read_and_invents_nothing(
    written: list[bytes], place: int, change: int
) -> None:
    path = Path(f"/proc/self/fd/{os.memfd_create('journal')}")
    descriptor = os.open(path, os.O_RDWR)
    journal = Journal(descriptor, SIZE, durable=False)
    journal.append(written)
    raw = bytearray(path.read_bytes())
    raw[place] ^= change
    found, _, _ = read(bytes(raw))
    assert found == written[: len(found)]
    journal.close()
    os.close(int(path.name))


def test_the_room_is_taken_beforehand_and_no_record_goes_beyond_it(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    journal = only(database)
    assert file_of(database).stat().st_blocks * 512 >= SIZE
    assert journal.append([b"a" * 3000, b"b" * 3000, b"c" * 900]) == [True, False, True]
    assert journal.append([b"d" * 900]) == [False]
    journal.close()
    assert file_of(database).stat().st_size == SIZE
    again = only(database)
    assert again.left == [b"a" * 3000, b"c" * 900]
    again.empty()
    assert again.append([b"d" * 900]) == [True]
    again.close()


def test_records_are_added_behind_those_of_the_process_before(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    for number in range(3):
        journal = only(database)
        assert journal.left == [b"%d" % each for each in range(number)]
        journal.append([b"%d" % number])
        journal.close()


def test_each_process_has_its_own_and_takes_up_what_others_left(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    first = only(database)
    [second] = Journal.claim(database, SIZE, durable=False)
    first.append([b"one"])
    second.append([b"two"])
    third, *others = Journal.claim(database, SIZE, durable=False)
    assert not others
    assert third.left == []
    for journal in (first, second, third):
        journal.close()
    found = Journal.claim(database, SIZE, durable=False)
    assert [each.left for each in found] == [[b"one"], [b"two"]]
    for journal in found:
        journal.close()


def test_a_file_that_is_no_journal_is_made_one(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    file_of(database).write_bytes(b"something else" * 100)
    journal = only(database)
    assert journal.left == []
    journal.append([b"one"])
    journal.close()
    assert read(file_of(database).read_bytes())[0] == [b"one"]


HOLD = """
import sys
from pathlib import Path
from switchgear.adapters.ledgers.journal import Journal
[journal] = Journal.claim(Path(sys.argv[1]), 4096, durable=True)
journal.append([b"kept"])
print("kept", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_appended_is_there(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    process = subprocess.Popen(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", HOLD, str(database)],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        process.kill()
    journal = only(database)
    assert journal.left == [b"kept"]
    journal.close()
