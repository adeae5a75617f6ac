"""What a key may stop; the way over sockets is in tests/scenario/test_halting.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.halt import Halted
from switchgear.engine.halt import Subject, holds
from switchgear.surfaces.http.admin.halt import scoped

names = st.sampled_from(["", "a", "b"])
kinds = st.sampled_from(Halted)


def admin(tenant: str) -> Key:
    return Key(id="k", tenant=tenant, rights=frozenset({Right.ADMIN}))


@given(kinds, names, names, names, names, names)
def test_whatever_a_tenants_admin_names_nobody_elses_calls_are_stopped(  # noqa: PLR0913, PLR0917  (one name for each thing that has one)
    kind: Halted, name: str, scope: str, key: str, agent: str, target: str
) -> None:
    try:
        halt = scoped(admin("a"), kind, name, scope)
    except NotAllowed:
        return
    for other in ("", "b"):
        assert not holds(halt, Subject(other, (key,), agent), target)


@given(kinds, names, names)
def test_an_owner_stops_what_it_names_and_for_whom(kind: Halted, name: str, scope: str) -> None:
    halt = scoped(admin(""), kind, name, scope)
    assert (halt.kind, halt.name, halt.tenant) == (kind, name, scope)


@pytest.mark.parametrize(
    ("kind", "name", "scope"),
    [
        (Halted.EVERYTHING, "", ""),
        (Halted.TARGET, "small", ""),
        (Halted.TENANT, "b", ""),
        (Halted.AGENT, "x", "b"),
    ],
)
def test_a_tenants_admin_is_refused_what_is_not_the_tenants(
    kind: Halted, name: str, scope: str
) -> None:
    with pytest.raises(NotAllowed, match="'a'"):
        scoped(admin("a"), kind, name, scope)
