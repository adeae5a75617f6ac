"""The agent, directly at a simulated provider: no gateway in between."""

from support.simulated import on_stage, port_of
from switchgear.demo.agent import MOST_STEPS, Agent, Errand, step_of
from switchgear.demo.client import Answer, Client
from switchgear.demo.errand import AMOUNT
from switchgear.demo.outage import Outage
from switchgear.demo.provider import SimulatedProvider


def run_errand(outage: Outage | None = None) -> Errand:
    async def scene(provider: SimulatedProvider) -> Errand:
        return await Agent(Client(port_of(provider)), lambda: None).run()

    return on_stage(scene, outage=outage)


def test_the_errand_ends_after_seven_steps_with_the_right_amount() -> None:
    errand = run_errand()
    assert errand.finished
    assert AMOUNT in errand.words
    assert [step.what for step in errand.steps][1:5] == [
        "find_order",
        "find_policy",
        "find_rate",
        "file_refund",
    ]
    assert len(errand.steps) == 7 < MOST_STEPS


def test_an_errand_whose_provider_fails_does_not_finish() -> None:
    errand = run_errand(Outage(first=4, last=99))
    assert not errand.finished
    assert errand.words == ""
    assert errand.steps[3].status == 503
    assert "simulated outage" in errand.steps[3].what


def test_a_step_keeps_what_the_gateway_says_of_it() -> None:
    headers = {"x-switchgear-target": "t", "x-switchgear-attempts": "3", "x-other": "no"}
    step = step_of(Answer(status=503, headers=headers, body=b"down"), None)
    assert (step.target, step.attempts, step.what, step.decision) == ("t", 3, "down", "")
