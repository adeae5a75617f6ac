"""Which target handed out which tool call."""

from switchgear.pipeline.hold import Holds


def test_a_tool_call_is_known_to_its_own_key_only() -> None:
    holds = Holds()
    holds.keep("k", "t1", "mid")
    assert holds.find("k", ["t0", "t1"]) == "mid"
    assert holds.find("other", ["t1"]) == ""
    assert holds.find("k", []) == ""


def test_the_oldest_is_forgotten_when_it_is_full() -> None:
    holds = Holds(most=2)
    for number in range(3):
        holds.keep("k", f"t{number}", "mid")
    assert [holds.find("k", [f"t{number}"]) for number in range(3)] == ["", "mid", "mid"]
