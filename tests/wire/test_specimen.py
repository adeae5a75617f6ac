import pytest

from switchgear.domain.turn import Thinking
from switchgear.wire.specimen import PLAINLY, SPECIMENS, Specimen, parts_of


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda it: it.name)
def test_what_a_probe_looks_at_is_there_in_its_own_conversation_and_not_in_a_plain_one(
    specimen: Specimen,
) -> None:
    seen = specimen.look(specimen.ask)
    assert seen
    assert seen != specimen.look(PLAINLY)


def test_parts_inside_of_tool_results_are_found() -> None:
    found = {it.name: it for it in SPECIMENS}["image from a tool"]
    assert found.look(found.ask)


def test_only_thinking_is_signed() -> None:
    signed = [it for it in SPECIMENS if it.signer.value != "nobody"]
    assert all(parts_of(it.ask, Thinking) for it in signed)
