"""Signatures of thinking, sealed for callers and kept from providers that cannot check them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event, Finished, Opened, Stop, TextDelta, ThinkingSigned
from switchgear.domain.ids import mint
from switchgear.domain.turn import Conversation, Part, Role, Text, Thinking, Turn
from switchgear.domain.units import UnixMs
from switchgear.wire.registry import TONGUES
from switchgear.wire.seal import MARK, checks, seal, unseal

DIALECTS = st.sampled_from(Dialect)
SIGNATURES = st.text("ABCabc019+/=-_", min_size=1)


@given(SIGNATURES, DIALECTS, DIALECTS)
def test_a_signature_and_whose_it_is_come_back(
    signature: str, origin: Dialect, spoken: Dialect
) -> None:
    assert unseal(seal(signature, origin, spoken), spoken) == (signature, origin)


@given(SIGNATURES, DIALECTS)
def test_a_provider_gets_its_own_signature_as_it_was(signature: str, origin: Dialect) -> None:
    assert seal(signature, origin, origin) == signature


@given(st.text(), DIALECTS)
def test_whatever_a_caller_sends_is_read_as_something(text: str, spoken: Dialect) -> None:
    _, origin = unseal(text, spoken)
    assert (origin is None) is (text == "")


def test_a_seal_that_names_nobody_is_the_callers_own() -> None:
    text = f"{MARK}nobody:abc"
    assert unseal(text, Dialect.GEMINI) == (text, Dialect.GEMINI)


def test_no_signature_has_no_seal() -> None:
    assert seal("", Dialect.GEMINI, Dialect.OPENAI_CHAT) == ""


THOUGHTS = st.builds(
    lambda text, origin: (text, origin), SIGNATURES.map(lambda it: f"[{it}]"), DIALECTS
)
USER = Turn(Role.USER, (Text("hi"),))


@pytest.mark.parametrize("spoken", TONGUES)
@given(thoughts=st.lists(THOUGHTS, max_size=4), hidden=st.booleans())
def test_no_foreign_signature_ever_reaches_a_provider(
    spoken: Dialect, *, thoughts: list[tuple[str, Dialect]], hidden: bool
) -> None:
    said: list[Part] = [
        Thinking("", redacted=text, origin=origin)
        if hidden
        else Thinking("hm", text, origin=origin)
        for text, origin in thoughts
    ]
    turns = (USER, Turn(Role.ASSISTANT, (*said, Text("yes"))), USER)
    raw, dropped = TONGUES[spoken].write(Conversation(model="m", turns=turns), ())
    foreign = [(text, origin) for text, origin in thoughts if origin is not spoken]
    own = {text for text, origin in thoughts if origin is spoken}
    written = json.dumps(json.loads(raw), ensure_ascii=False)
    assert all(text not in written for text, _ in foreign if text not in own)
    assert MARK not in written
    assert ("thinking" in dropped) or not foreign


@pytest.mark.parametrize("spoken", [Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES])
@given(thoughts=st.lists(THOUGHTS, min_size=1, max_size=4))
def test_nor_when_a_caller_of_its_own_dialect_sends_it_back(
    spoken: Dialect, thoughts: list[tuple[str, Dialect]]
) -> None:
    """An answer of another target's, sent back as it was, in a request that goes as it came."""
    tongue = TONGUES[spoken]
    signed = [ThinkingSigned("", redacted=text, origin=origin) for text, origin in thoughts]
    events: list[Event] = [
        Opened(id="a", model="m"), *signed, TextDelta("yes"), Finished(stop=Stop.END)
    ]  # fmt: skip
    answer = json.loads(tongue.write_whole(mint(UnixMs(1_700_000_000_000), 1), events))
    back = {"role": "assistant", "content": answer["content"]} if "content" in answer else None
    hi = {"role": "user", "content": "hi"}
    messages = [hi, back or answer["choices"][0]["message"], hi]
    body = tongue.parse(json.dumps({"model": "m", "messages": messages}).encode())
    kept = [part for part in body.conversation.turns[1].parts if isinstance(part, Thinking)]
    assert [(part.redacted, part.origin) for part in kept] == thoughts
    written: Any = json.loads(tongue.rewrite(body, ()))
    assert MARK not in json.dumps(written)


def test_what_nobody_is_known_to_have_signed_may_go_to_anybody() -> None:
    assert checks(None, Dialect.GEMINI)
    assert checks(Dialect.GEMINI, Dialect.GEMINI)
    assert not checks(Dialect.GEMINI, Dialect.OPENAI_CHAT)
