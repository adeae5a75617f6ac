"""Where a key's calls may be sent, and what they may want."""

import asyncio

import msgspec
import pytest

from support.stage import Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Mode
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import NotAllowed, UpstreamFailed
from switchgear.domain.target import Sensitivity, Tier
from switchgear.pipeline.scope import scope
from switchgear.ports.handler import Head, Reply, Trail

FINE = Says("hi there")
SCRIPTS = {"small": FINE, "mid": FINE, "large": FINE}
EMBED_ONLY = Key(id="k", endpoints=frozenset({Endpoint.EMBED}))
NOBODY = Head(target="", model="", dialect=None, stream=False, tier="", reason="", attempts=0)


async def answer(call: Call, trail: Trail) -> Reply:
    _ = call, trail

    async def read() -> None:
        return None

    return Reply(NOBODY, read)


def wanting(endpoint: Endpoint, key: Key) -> Call:
    return msgspec.structs.replace(a_call(caller=Caller(key=key)), endpoint=endpoint)


@pytest.mark.parametrize("endpoint", Endpoint)
def test_a_call_wants_only_what_its_key_may(endpoint: Endpoint) -> None:
    async def life() -> None:
        handle = scope(answer)
        await handle(wanting(endpoint, Key(id="any")), Trail())
        await handle(wanting(endpoint, Key(endpoints=frozenset({endpoint}))), Trail())
        if endpoint is not Endpoint.EMBED:
            with pytest.raises(NotAllowed, match=f"may not ask for {endpoint.value}"):
                await handle(wanting(endpoint, EMBED_ONLY), Trail())

    asyncio.run(life())


def sent(key: Key, *, broken: str = "", mode: Mode = Mode.ROUTE) -> list[str]:
    """Return where a call of the key's was sent, in order."""
    key = msgspec.structs.replace(key, mode=mode)

    async def life() -> list[str]:
        scripts: dict[str, Script] = dict(SCRIPTS)
        if broken:
            scripts[broken] = Refuses(UpstreamFailed)
        stage = Stage(scripts)
        reply = await stage.handler(a_call(caller=Caller(key=key)), Trail())
        async for _ in reply.pieces:
            pass
        reply.close()
        return list(stage.upstream.sent)

    return run(life())


def test_calls_go_to_the_tiers_of_their_key_alone_also_when_one_fails() -> None:
    assert sent(Key(id="k")) == ["small"]
    assert sent(Key(id="k", tiers=frozenset({Tier.FRONTIER}))) == ["large"]
    both = Key(id="k", tiers=frozenset({Tier.MID, Tier.FRONTIER}))
    assert set(sent(both, broken="mid")) == {"mid", "large"}
    narrow = Key(id="k", tiers=frozenset({Tier.MID}), targets=frozenset({"mid", "small"}))
    assert sent(narrow) == ["mid"]


def test_a_failing_target_never_takes_a_call_out_of_the_tiers_of_its_key() -> None:
    with pytest.raises(UpstreamFailed):
        sent(Key(id="k", tiers=frozenset({Tier.MID})), broken="mid")


@pytest.mark.parametrize(
    "key",
    [
        Key(id="k", targets=frozenset({"small"})),
        Key(id="k", tiers=frozenset({Tier.SMALL})),
        Key(id="k", regions=frozenset({"nowhere"})),
    ],
)
def test_observing_never_sends_a_call_where_its_key_may_not(key: Key) -> None:
    with pytest.raises(NotAllowed, match="may not use large"):
        sent(key, mode=Mode.OBSERVE)
    assert sent(Key(id="k", sensitivity=Sensitivity.RESTRICTED), mode=Mode.OBSERVE) == ["large"]
