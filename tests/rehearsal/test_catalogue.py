import pytest

from switchgear.rehearsal.catalogue import BY_NAME, CATALOGUE, find
from switchgear.rehearsal.fault import Rhythm


def test_every_fault_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len(BY_NAME) == len(CATALOGUE) > 80
    assert all(each.sentence.endswith(".") for each in CATALOGUE)


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_every_fault_is_found_by_its_name_in_any_scope(fault: object) -> None:
    assert find(getattr(fault, "name", "") + "@any thing") is fault


@pytest.mark.parametrize(
    ("name", "argument", "rhythm"),
    [
        ("hang-mid-stream-once", "", Rhythm.ONCE),
        ("503-half@x", "503", Rhythm.HALF),
        ("418", "418", Rhythm.ALWAYS),
        ("429-retry-after-7", "7", Rhythm.ALWAYS),
        ("429-retry-after--1", "-1", Rhythm.ALWAYS),
        ("429-retry-after-ms-20-once", "20", Rhythm.ONCE),
        ("tiny-events-12", "12", Rhythm.ALWAYS),
    ],
)
def test_names_compose(name: str, argument: str, rhythm: Rhythm) -> None:
    found = find(name)
    assert found is not None
    assert (found.argument, found.rhythm) == (argument, rhythm)


@pytest.mark.parametrize(
    "name", ["", "nothing", "tiny-events-x", "399", "once", "@healthy", "-once"]
)
def test_what_is_no_fault_is_not_found(name: str) -> None:
    assert find(name) is None
