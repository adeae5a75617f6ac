"""What a key says while the gateway runs counts as much as it may."""

from switchgear.domain.units import UnixMs
from switchgear.engine.influence import LEAST, Said
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.trait import Traits
from switchgear.pipeline.learning import influence as room
from switchgear.pipeline.learning.influence import Influence

NOW = UnixMs(1_795_000_000_000)
DAY = 86_400_000


def said(by: str, cell: str = "", at: int = NOW) -> Said:
    return Said(Lesson(Traits((cell,), (), b""), "small", 1.0, 1.0, UnixMs(at)), by)


def weight_of(kept: Influence, by: str, times: int, cell: str = "") -> float:
    return sum(part.weight for _ in range(times) for part in kept.weighed(said(by, cell)))


def test_one_key_that_is_alone_is_heard_in_full() -> None:
    assert weight_of(Influence(), "a", 1_000) == 1_000


def test_ten_thousand_words_of_one_among_others_come_to_a_bounded_weight() -> None:
    kept = Influence()
    for name in "abcdefghij":
        assert weight_of(kept, name, 10) == 10
    heard = weight_of(kept, "hostile", 10_000)
    assert LEAST <= heard <= 1.25 * 100 / 3 + 1


def test_one_that_was_alone_and_loud_is_weighed_anew_once_others_speak() -> None:
    kept = Influence()
    weight_of(kept, "hostile", 500)
    assert not kept.loud
    weight_of(kept, "a", 1)
    assert kept.loud


def test_words_fade_so_that_a_key_is_heard_again_later() -> None:
    kept = Influence()
    for name in "abcdefghij":
        weight_of(kept, name, 10)
    weight_of(kept, "loud", 200)
    soon = sum(part.weight for part in kept.weighed(said("loud")))
    later = sum(part.weight for part in kept.weighed(said("loud", at=NOW + 300 * DAY)))
    assert soon < 0.1 < later


def test_what_is_kept_is_bounded() -> None:
    kept = Influence()
    for number in range(room.MOST_PLACES + 50):
        kept.weighed(said("a", str(number)))
    for number in range(room.MOST_KEYS + 50):
        kept.weighed(said(f"k{number}", "one"))
    assert len(kept._places) == room.MOST_PLACES
    assert len(kept._places["one", "small"]) == room.MOST_KEYS
    kept.clear()
    assert not kept._places


def heeded(kept: Influence, by: str, times: int) -> int:
    return sum(part.heeded for _ in range(times) for part in kept.weighed(said(by)))


def test_the_watch_for_changes_hears_one_key_that_is_alone_and_the_owner_always() -> None:
    assert heeded(Influence(), "a", 100) == 100
    kept = Influence()
    heeded(kept, "a", 1)
    assert heeded(kept, "", 50) == 50


def test_the_watch_hears_little_of_one_among_others_and_enough_of_several() -> None:
    kept = Influence()
    for name in "abcdefghij":
        heeded(kept, name, 10)
    assert heeded(kept, "hostile", 10_000) <= 5
    agreeing = Influence()
    assert sum(heeded(agreeing, name, 1) for _ in range(10) for name in "abc") > 12
