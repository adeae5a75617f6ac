"""The header that tells of a budget that comes near its end."""

from switchgear.domain.account import Payer, Window
from switchgear.domain.fact import Answered, Neared
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.notice import notices


def trail(*shares: float) -> Trail:
    found = Trail()
    for share in shares:
        found.add(Neared(payer=Payer.KEY, window=Window.DAY, share=share))
    found.add(Answered())
    return found


def test_the_fullest_is_told_and_only_a_full_one_is_called_full() -> None:
    assert notices(trail(0.72, 0.999, 0.8)) == [(b"x-switchgear-budget", b"key day 0.99")]
    assert notices(trail(1.0)) == [(b"x-switchgear-budget", b"key day 1.00")]


def test_nothing_is_told_where_there_is_plenty() -> None:
    assert notices(trail()) == []
