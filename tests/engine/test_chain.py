"""What keys may do that were made by keys."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.keys import acts, keys
from switchgear.domain.caller import Key, Right
from switchgear.domain.units import UnixMs
from switchgear.engine.chain import LONGEST, Flaw, standings
from switchgear.engine.right import narrower

NOBODY: frozenset[str] = frozenset()


@st.composite
def families(draw: st.DrawFn) -> dict[str, Key]:
    """Keys with any parents: unknown ones, themselves, and one another."""
    names = ["k0", "k1", "k2", "k3", "k4"]
    parents = st.sampled_from(["", *names, "stranger"])
    return {name: draw(keys(name, draw(parents))) for name in names}


@settings(max_examples=20)
@given(families(), st.frozensets(st.sampled_from(["k0", "k1", "k2"])))
def test_no_key_can_do_more_than_any_key_that_it_comes_from(
    family: dict[str, Key], revoked: frozenset[str]
) -> None:
    found = standings(family, revoked)
    assert set(found) == set(family)
    for name, standing in found.items():
        if isinstance(standing, Flaw):
            continue
        assert name not in revoked
        above = family[name].parent
        assert len(standing.makers) <= len(family)
        while above:
            maker = found[above]
            assert isinstance(maker, Key)
            assert narrower(standing, maker) == ()
            assert acts(standing) <= acts(maker)
            above = family[above].parent


def test_a_maker_that_is_narrowed_narrows_all_that_it_made() -> None:
    maker = Key(id="maker", rights=frozenset({Right.ADMIN}))
    child = Key(id="child", parent="maker", models=frozenset({"auto", "fast"}))
    assert standings({"maker": maker, "child": child}, NOBODY)["child"] != Flaw.EMPTY
    narrow = msgspec.structs.replace(maker, models=frozenset({"fast"}), until=UnixMs(5))
    found = standings({"child": child, "maker": narrow}, NOBODY)["child"]
    assert isinstance(found, Key)
    assert found.models == {"fast"}
    assert found.until == 5
    other = msgspec.structs.replace(maker, models=frozenset({"smart"}))
    assert standings({"child": child, "maker": other}, NOBODY)["child"] is Flaw.EMPTY


def test_a_maker_that_is_revoked_takes_its_whole_line_along() -> None:
    line = {f"k{it}": Key(id=f"k{it}", parent=f"k{it - 1}" if it else "") for it in range(4)}
    found = standings(line, frozenset({"k1"}))
    assert isinstance(found["k0"], Key)
    assert [found[f"k{it}"] for it in (1, 2, 3)] == [Flaw.REVOKED, Flaw.FALLEN, Flaw.FALLEN]


def test_circles_and_strangers_are_told_and_end() -> None:
    ring = {
        "a": Key(id="a", parent="b"),
        "b": Key(id="b", parent="a"),
        "self": Key(id="self", parent="self"),
        "tail": Key(id="tail", parent="a"),
        "lost": Key(id="lost", parent="nobody"),
        "child": Key(id="child", parent="lost"),
    }
    found = standings(ring, NOBODY)
    assert {found[it] for it in ("a", "b", "self", "tail")} == {Flaw.CIRCULAR}
    assert {found[it] for it in ("lost", "child")} == {Flaw.ORPHANED}


def test_a_line_of_any_length_is_followed_and_a_long_one_refused() -> None:
    line = {f"k{it}": Key(id=f"k{it}", parent=f"k{it - 1}" if it else "") for it in range(3000)}
    found = standings(dict(reversed(line.items())), NOBODY)
    assert isinstance(found[f"k{LONGEST - 1}"], Key)
    assert found[f"k{LONGEST}"] is Flaw.TOO_LONG
    assert isinstance(found["k2999"], Flaw)
