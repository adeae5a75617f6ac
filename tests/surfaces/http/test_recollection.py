"""Kept answers as they are shown; the whole way is in tests/scenario/test_responses.py."""

import msgspec
import pytest
from openai.types.responses import Response, ResponseItemList

from support.gateway import ScriptedGateway
from support.raw import Answer, ask, request
from support.recollected import answer, tool_call, tool_result, user
from support.responses import frames
from switchgear.domain.caller import ANONYMOUS
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.turn import Document, Image, Thinking
from switchgear.ports.recollection import Recollection
from switchgear.surfaces.http.recollection import refuse_elsewhere
from switchgear.wire.registry import TONGUES

TONGUE = TONGUES[Dialect.OPENAI_RESPONSES]


def keep(gateway: ScriptedGateway, kept: Recollection) -> None:
    gateway.kept.clear()
    gateway.kept[ANONYMOUS, kept.id] = kept


def get(port: int, path: str, method: str = "GET") -> Answer:
    return ask(port, request(f"/v1/responses/{path}", method=method))


def test_an_answer_of_another_dialect_is_written_as_it_was_for_its_caller(
    port: int, gateway: ScriptedGateway
) -> None:
    kept = answer("resp_1")
    keep(gateway, kept)
    shown = get(port, "resp_1").body
    assert shown == TONGUE.write_whole(kept.decision, kept.events, kept.asked)
    found = Response.model_validate_json(shown, strict=True)
    assert (found.id, found.output_text) == ("resp_1", "hello")
    assert [tool.type for tool in found.tools] == ["function"]


def test_a_targets_own_answer_is_shown_byte_for_byte(port: int, gateway: ScriptedGateway) -> None:
    keep(gateway, msgspec.structs.replace(answer("resp_1"), raw=b'{ "odd" : 1 }'))
    assert get(port, "resp_1").body == b'{ "odd" : 1 }'


def test_of_a_targets_own_stream_the_answer_in_its_last_frame_is_shown(
    port: int, gateway: ScriptedGateway
) -> None:
    last = frames([("text", ["hel", "lo"])])[-1]
    keep(gateway, msgspec.structs.replace(answer("resp_1"), raw=last, stream=True))
    shown = get(port, "resp_1").body
    assert shown in last
    assert Response.model_validate_json(shown, strict=True).output_text == "hello"


def test_every_kind_of_item_is_one_of_the_sdks(port: int, gateway: ScriptedGateway) -> None:
    first = answer("r0")
    hidden = Thinking("so", "gAAA", origin=Dialect.OPENAI_RESPONSES)
    pictures = user(
        "see", Image(url="https://x/y.png"), Document(media_type="application/pdf", data="aGk=")
    )
    first = msgspec.structs.replace(
        first,
        answer=(msgspec.structs.replace(first.answer[0], parts=(hidden, *first.answer[0].parts)),),
        asked=msgspec.structs.replace(first.asked, turns=(first.asked.turns[0], pictures)),
    )
    second = tool_call("r1", first)
    keep(gateway, tool_result("r2", second))
    page = get(port, "r2/input_items?order=asc").body
    found = ResponseItemList.model_validate_json(page, strict=True)
    kinds = [item.type for item in found.data]
    assert kinds[0] == "message"
    assert kinds[-2:] == ["function_call", "function_call_output"]
    assert "reasoning" in kinds
    assert "Be brief." not in page.decode()
    assert (found.first_id, found.has_more) == (found.data[0].id, False)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("GET nothing", 404, "response_not_found"),
        ("DELETE nothing", 404, "response_not_found"),
        ("GET nothing/input_items", 404, "response_not_found"),
        ("GET nothing/odd", 404, "unknown_path"),
        ("POST nothing/cancel", 404, "unknown_path"),
        ("GET known/input_items?limit=0", 400, "malformed_request"),
        ("GET known/input_items?order=up", 400, "malformed_request"),
        ("GET known/input_items?after=x", 400, "malformed_request"),
        ("GET known?stream=true", 400, "malformed_request"),
    ],
)
def test_what_there_is_not_is_told_in_openais_shape(
    port: int, gateway: ScriptedGateway, asked: str, status: int, code: str
) -> None:
    keep(gateway, answer("known"))
    method, path = asked.split()
    found = get(port, path, method)
    assert found.status == status
    assert msgspec.json.decode(found.body)["error"]["code"] == code
    assert found.headers["x-should-retry"] == "false"


def test_what_is_deleted_is_said_to_be_and_is_gone(port: int, gateway: ScriptedGateway) -> None:
    keep(gateway, answer("resp_1"))
    told = msgspec.json.decode(get(port, "resp_1", "DELETE").body)
    assert told == {"id": "resp_1", "object": "response", "deleted": True}
    assert get(port, "resp_1").status == 404


@pytest.mark.parametrize("field", ["background", "conversation"])
def test_what_only_a_provider_would_know_of_is_refused_in_this_dialect_alone(field: str) -> None:
    raw = {"model": "auto", "input": "hi", field: True if field == "background" else "conv_1"}
    with pytest.raises(MalformedBody, match=f"{field}: not offered here"):
        refuse_elsewhere(TONGUE.parse(msgspec.json.encode(raw)))
    chat = {"model": "auto", "messages": [{"role": "user", "content": "hi"}], field: True}
    refuse_elsewhere(TONGUES[Dialect.OPENAI_CHAT].parse(msgspec.json.encode(chat)))
