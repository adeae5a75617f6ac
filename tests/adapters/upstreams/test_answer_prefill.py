"""How a provider is told to go on from words of the assistant."""

import json

import pytest

from support.cast import target
from support.provider import Visit, finish, on_both_loops, staged, whole
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Prefill, PrefillForm
from switchgear.domain.errors import UpstreamError
from switchgear.ports.upstream import Order
from switchgear.wire.registry import TONGUES

RAW = b'{"model":"a","messages":[{"role":"user","content":"x"}]}'


@pytest.mark.parametrize(
    ("form", "mark"),
    [
        (PrefillForm.PLAIN, None),
        (PrefillForm.PREFIX, "prefix"),
        (PrefillForm.CONTINUE, "continue_final_message"),
    ],
)
def test_a_prefill_goes_out_in_the_form_of_its_provider(
    form: PrefillForm, mark: str | None
) -> None:
    asked: list[dict[str, object]] = []

    async def play(visit: Visit) -> None:
        asked.append(json.loads((await visit.request()).partition(b"\r\n\r\n")[2]))
        await visit.say(whole())

    async def life() -> None:
        order = Order(
            target=target("m"),
            body=TONGUES[Dialect.OPENAI_CHAT].parse(RAW),
            edits=(Prefill("so far"),),
        )
        async with staged(play, tongues=TONGUES, prefill=form) as (upstream, _):
            with pytest.raises(UpstreamError):  # for what it says is no chat completion
                await finish(upstream.begin(order))

    on_both_loops(life)
    for body in asked:
        last = body["messages"][-1]  # type: ignore[index]  # it is a list: the test fails if not
        assert (last["role"], last["content"]) == ("assistant", "so far")
        assert {"prefix", "continue_final_message"} & {*body, *last} == ({mark} if mark else set())
    assert asked
