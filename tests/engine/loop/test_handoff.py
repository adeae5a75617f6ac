import pytest

from switchgear.engine.loop.handoff import named, receiver_of


@pytest.mark.parametrize(
    ("tool", "arguments", "receiver"),
    [
        ("transfer_to_billing_agent", "{}", "billing"),
        ("transfer_back_to_supervisor", "", "supervisor"),
        ("handoff", '{"agent": "Sales Agent"}', "sales"),
        (
            "Delegate work to coworker",
            '{"coworker": "Senior Writer", "task": "x"}',
            "senior_writer",
        ),
        ("handoff", "{", ""),
        ("handoff", '{"agent": 7}', ""),
        ("transfer_money", '{"to": "me"}', ""),
        ("search", '{"agent": "x"}', ""),
        ("", "", ""),
    ],
)
def test_the_tools_of_frameworks_say_who_takes_over(
    tool: str, arguments: str, receiver: str
) -> None:
    assert receiver_of(tool, arguments) == receiver


def test_a_name_is_the_same_however_it_is_written_and_has_a_bound() -> None:
    assert named("Billing Agent") == named("billing-agent") == "billing"
    assert len(named("x" * 1_000)) <= 64
