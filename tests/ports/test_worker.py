"""Which of several processes this is."""

import pytest

from switchgear.ports.worker import ALONE, Post


@pytest.mark.parametrize("of", [1, 2, 3, 64])
def test_the_shares_of_all_workers_are_the_whole(of: int) -> None:
    posts = [Post(number=number, of=of) for number in range(1, of + 1)]
    assert sum(each.share for each in posts) == pytest.approx(1.0)


def test_who_is_alone_has_it_all() -> None:
    assert ALONE.share == 1.0
    assert not ALONE.folder
