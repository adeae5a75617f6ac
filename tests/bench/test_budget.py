from pathlib import Path

from bench.budget import ATTEMPTS, ROOM, prove


def test_of_attempts_from_two_processes_exactly_as_many_get_in_as_there_is_room_for(
    tmp_path: Path,
) -> None:
    total = prove(f"sqlite:{tmp_path / 'ledger.db'}", 2, 3, lent=True)
    assert (total.admitted, total.refused) == (3 * ROOM, 3 * (ATTEMPTS - ROOM))
