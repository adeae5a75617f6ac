"""A caller's own request, changed only where an edit asks for it."""

import json

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Prefill, UseModel
from switchgear.domain.event import ThinkingSigned
from switchgear.domain.turn import Role, Text, Turn
from switchgear.wire.gemini.body import parse, rewrite
from switchgear.wire.gemini.signature import write_signature

RAW = b'{ "contents" : [ {"role":"user", "parts":[{"text":"hi"}]} ] , "new":{"a": 1} }'
TALK = b'{"contents":[{"parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"a"}]}]}'


def test_what_no_edit_touches_keeps_its_bytes() -> None:
    body = parse(RAW)
    assert rewrite(body, ()) == RAW
    assert rewrite(body, (UseModel("m"),)) == RAW
    assert (body.model, body.stream, body.last_role, body.limit) == ("", False, "user", None)
    assert body.conversation is body.conversation
    assert body.conversation.unread == ("new",)
    body.require_limit()


def test_a_model_that_the_body_names_is_named_anew() -> None:
    body = parse(b'{"model":"models/auto","contents":[{"parts":[]}]}')
    assert body.model == "auto"
    assert json.loads(rewrite(body, (UseModel("x"),)))["model"] == "models/x"
    assert rewrite(body, (UseModel("auto"),)) == body.raw


@pytest.mark.parametrize(("limit", "found"), [(None, 5), (9, 5), (3, 3)])
def test_a_cap_only_lowers_the_limit(limit: int | None, found: int) -> None:
    config = {"topK": 7} | ({"maxOutputTokens": limit} if limit else {})
    raw = json.dumps({"contents": [{"parts": []}], "generationConfig": config}).encode()
    written = json.loads(rewrite(parse(raw), (CapOutput(5),)))["generationConfig"]
    assert written == {"topK": 7, "maxOutputTokens": found}


def test_what_is_appended_stands_after_the_caller_s_own_bytes() -> None:
    more = Append((Turn(Role.ASSISTANT, (Text("So"),)), Turn(Role.USER, (Text("go on"),))))
    written = rewrite(parse(RAW), (more,))
    assert b'{"role":"user", "parts":[{"text":"hi"}]}' in written
    assert [each["role"] for each in json.loads(written)["contents"]] == ["user", "model", "user"]


def test_a_prefill_makes_the_model_s_last_words_longer() -> None:
    written = json.loads(rewrite(parse(TALK), (Prefill("b"),)))["contents"]
    assert written[1:] == [{"role": "model", "parts": [{"text": "ab"}]}]
    begun = json.loads(rewrite(parse(RAW), (Prefill("b"),)))["contents"]
    assert begun[1:] == [{"role": "model", "parts": [{"text": "b"}]}]


def test_another_s_signature_does_not_go_to_google() -> None:
    foreign = Dialect.ANTHROPIC_MESSAGES
    sealed = write_signature(ThinkingSigned("s", origin=foreign))
    hidden = write_signature(ThinkingSigned("", redacted="r", origin=foreign))
    parts = [
        {"text": "", "thought": True, "thoughtSignature": hidden},
        {"text": "hm", "thought": True, "thoughtSignature": sealed},
        {"functionCall": {"name": "f"}, "thoughtSignature": "AAAA"},
    ]
    only = {"role": "model", "parts": parts[:1]}
    contents = [{"parts": [{"text": "hi"}]}, only, {"role": "model", "parts": parts}]
    written = json.loads(rewrite(parse(json.dumps({"contents": contents}).encode()), ()))
    assert written["contents"] == [
        contents[0],
        {"role": "model", "parts": [{"text": "hm", "thought": True}, parts[2]]},
    ]
