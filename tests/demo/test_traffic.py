from support.simulated import SAMPLE, on_stage, port_of
from switchgear.adapters.clock import ManualClock
from switchgear.demo.client import Answer, Client
from switchgear.demo.outage import Failure, Outage
from switchgear.demo.provider import SimulatedProvider
from switchgear.demo.traffic import Served, send, served_of

PROMPTS = SAMPLE.prompts[:40]


def sent(outage: Outage | None = None) -> tuple[tuple[Served, ...], list[int]]:
    steps: list[int] = []

    async def scene(provider: SimulatedProvider) -> tuple[Served, ...]:
        return await send(
            PROMPTS, Client(port_of(provider)), ManualClock(), lambda: steps.append(1)
        )

    return on_stage(scene, outage=outage), steps


def test_every_prompt_is_sent_once_and_comes_back_in_its_place() -> None:
    served, steps = sent()
    assert [one.prompt for one in served] == list(PROMPTS)
    assert {one.status for one in served} == {200}
    assert len(steps) == len(PROMPTS)
    assert all(one.said_tokens > 0 and one.heard_tokens > 0 for one in served)


def test_failed_and_lost_calls_are_kept_as_such() -> None:
    served, _ = sent(Outage(first=1, last=3))
    assert sorted(one.status for one in served)[-3:] == [503, 503, 503]
    served, steps = sent(Outage(first=2, last=2, failure=Failure.CUT))
    assert [one.status for one in served].count(0) == 1
    assert len(steps) == len(PROMPTS)


def test_the_gateways_own_words_are_read_from_the_headers() -> None:
    body = b'{"choices":[{"message":{"content":"4"}}],"usage":{"prompt_tokens":1}}'
    headers = {"x-switchgear-overhead-ms": "0.25", "x-switchgear-cost-usd": "0.001"}
    one = served_of(PROMPTS[0], Answer(status=200, headers=headers, body=body), took_ms=1.0)
    assert (one.words, one.overhead_ms, one.cost_usd, one.said_tokens) == ("4", 0.25, 0.001, 0)
