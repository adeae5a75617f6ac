from switchgear.domain.event import Finished, Stop, TextDelta
from switchgear.domain.piece import Piece

END = Finished(stop=Stop.END)


def test_a_piece_finishes_only_by_its_last_event() -> None:
    assert Piece(b"", (TextDelta("a"), END)).finish is END
    assert Piece(b"", (END, TextDelta("a"))).finish is None


def test_a_keep_alive_finishes_nothing() -> None:
    assert Piece(b": ping\n\n").finish is None
