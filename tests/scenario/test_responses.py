"""Conversations by ``previous_response_id``, with OpenAI's own SDK, from socket to socket."""

from pathlib import Path

import openai
import pytest

from support.dialogue import CALL, KEYS, LOOK, Scene, played, refused, said
from support.witness import spoken

BEHIND = [("openai-responses", True), ("openai-responses", False)]
BEHIND += [("openai-chat", False), ("anthropic-messages", False)]


@pytest.mark.parametrize(("behind", "holds"), BEHIND)
@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_of_four_calls_with_a_tool_goes_on_by_id(
    behind: str, *, holds: bool, stream: bool
) -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream, input="one", instructions="be brief")
        assert one.output_text == "one+"
        two = await said(client, stream, input="look!", previous_response_id=one.id, tools=[LOOK])
        (call,) = two.output
        assert call.type == "function_call"
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "found"}
        three = await said(client, stream, input=[result], previous_response_id=two.id)
        assert three.output_text == "one+look!+found+"
        four = await said(client, stream, input="four", previous_response_id=three.id)
        assert len({each.id for each in (one, two, three, four)}) == 4
        witness = scene.witnesses[behind]
        whole = ["one", "one+", "look!", CALL, "found", "one+look!+found+", "four"]
        assert spoken(witness.told[-1].turns) == whole
        if holds or behind != "openai-responses":  # its bytes pass, and it was not told the id
            assert four.previous_response_id == three.id
        assert [b"previous_response_id" in raw for raw in witness.raw] == [False, *[holds] * 3]
        assert all(b"be brief" not in raw for raw in witness.raw[1:])

    played(life, behind, holds=holds)


def test_a_target_whose_provider_holds_the_conversation_gets_the_callers_bytes_and_the_call() -> (
    None
):
    async def life(scene: Scene) -> None:
        client = await scene.client()
        scene.witnesses["openai-chat"].down = True
        one = await said(client, stream=False, input="one")
        assert one.id.startswith("resp_native")
        scene.witnesses["openai-chat"].down = False
        got = await client.responses.with_raw_response.create(
            model="auto", input="two", previous_response_id=one.id
        )
        assert got.headers["x-switchgear-target"] == "openai-responses"
        assert got.headers["x-switchgear-reason"] == "it holds the conversation"
        sent = scene.witnesses["openai-responses"].raw[-1]
        assert b'"input":"two"' in sent
        assert one.id.encode() in sent

    played(life, "openai-chat", "openai-responses")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("other", ["openai-chat", "anthropic-messages"])
def test_nothing_is_forgotten_when_the_holder_fails_in_the_middle_and_comes_back(
    other: str, *, stream: bool
) -> None:
    async def life(scene: Scene) -> None:
        client, holder = await scene.client(), scene.witnesses["openai-responses"]
        one = await said(client, stream, input="one")
        two = await said(client, stream, input="two", previous_response_id=one.id)
        holder.down = True
        three = await said(client, stream, input="three", previous_response_id=two.id)
        assert three.output_text == "one+two+three+"
        assert spoken(scene.witnesses[other].told[-1].turns)[0] == "one"
        holder.down = False
        four = await said(client, stream, input="four", previous_response_id=three.id)
        assert four.output_text == "one+two+three+four+"
        assert b"previous_response_id" not in holder.raw[-1]
        five = await said(client, stream, input="five", previous_response_id=four.id)
        assert five.output_text == "one+two+three+four+five+"
        assert b"previous_response_id" in holder.raw[-1]

    played(life, "openai-responses", other)


def test_a_provider_that_forgot_is_told_again_at_once() -> None:
    async def life(scene: Scene) -> None:
        client, holder = await scene.client(), scene.witnesses["openai-responses"]
        one = await said(client, stream=False, input="one")
        holder.known.clear()
        two = await said(client, stream=False, input="two", previous_response_id=one.id)
        assert two.output_text == "one+two+"
        three = await said(client, stream=False, input="three", previous_response_id=two.id)
        assert three.output_text.startswith("one+")
        assert b"previous_response_id" in holder.raw[-1]

    played(life, "openai-responses")


@pytest.mark.parametrize("holds", [True, False])
def test_an_answer_is_its_keys_own_and_others_are_told_what_they_are_of_no_answer_at_all(
    *, holds: bool
) -> None:
    async def life(scene: Scene) -> None:
        mine, theirs = await scene.client("sk-one"), await scene.client("sk-two")
        one = await said(mine, stream=False, input="one")
        stolen = await refused(theirs, one.id)
        nothing = await refused(theirs, "resp_" + "x" * (len(one.id) - 5))
        plain = str(nothing.message).replace("x" * (len(one.id) - 5), one.id[5:])
        assert str(stolen.message).split(" (")[0] == plain.split(" (")[0]
        for act in (theirs.responses.retrieve, theirs.responses.delete):
            with pytest.raises(openai.NotFoundError) as caught:
                await act(one.id)
            assert caught.value.code == "response_not_found"
        with pytest.raises(openai.NotFoundError):
            await theirs.responses.input_items.list(one.id)
        assert (await mine.responses.retrieve(one.id)).output_text == "one+"
        assert not scene.witnesses["openai-responses"].told[1:]

    played(life, "openai-responses", holds=holds, keys=KEYS)


def test_what_is_not_to_be_stored_or_was_deleted_cannot_be_gone_on_from() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="one", store=False)
        await refused(client, one.id)
        two = await said(client, stream=False, input="two")
        three = await said(client, stream=False, input="three", previous_response_id=two.id)
        await client.responses.delete(two.id)
        await refused(client, two.id, stream=True)
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(two.id)
        four = await said(client, stream=False, input="four", previous_response_id=three.id)
        assert four.output_text == "two+three+four+"

    played(life, "openai-chat")


def test_a_caller_who_leaves_in_the_middle_leaves_nothing_behind() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        scene.witnesses["openai-chat"].stalls = True
        stream = await client.responses.create(model="auto", input="one", stream=True)
        name = ""
        async for event in stream:
            if event.type == "response.created":
                name = event.response.id
            if event.type == "response.output_text.delta":
                break
        await stream.close()
        await refused(client, name)

    played(life, "openai-chat")


def test_the_next_call_may_come_as_soon_as_the_last_frame_is_there() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        previous: str | None = None
        for number in range(30):
            events = await client.responses.create(
                model="auto", input=f"{number}", stream=True, previous_response_id=previous
            )
            async for event in events:
                if event.type == "response.completed":
                    previous = event.response.id
                    break
        assert len(scene.witnesses["openai-chat"].told[-1].turns) == 59

    played(life, "openai-chat")


def test_what_outgrows_the_memory_is_forgotten_and_said_so() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        first = await said(client, stream=False, input="x" * 100_000)
        for _ in range(8):
            last = await said(client, stream=False, input="y" * 100_000)
        await refused(client, first.id)
        again = await said(client, stream=False, input="two", previous_response_id=last.id)
        assert again.output_text.endswith("two+")

    played(life, "openai-chat", responses={"most_mb": 1})


def test_answers_outlive_a_restart_with_a_file_and_not_without(tmp_path: Path) -> None:
    names: list[str] = []

    async def before(scene: Scene) -> None:
        client = await scene.client()
        one = await said(client, stream=False, input="one")
        two = await said(client, stream=True, input="two", previous_response_id=one.id)
        names.append(two.id)

    async def after(scene: Scene) -> None:
        client = await scene.client()
        three = await said(client, stream=False, input="three", previous_response_id=names[-1])
        assert three.output_text == "one+two+three+"
        await refused(await scene.client("sk-two"), names[-1])

    async def lost(scene: Scene) -> None:
        await refused(await scene.client(), names[-1])

    kept = {"path": str(tmp_path / "kept.db")}
    played(before, "openai-chat", responses=kept, keys=KEYS)
    played(after, "openai-chat", responses=kept, keys=KEYS)
    played(before, "openai-chat", keys=KEYS)
    played(lost, "openai-chat", keys=KEYS)


def test_the_same_idempotency_key_gives_the_same_answer_under_the_same_id() -> None:
    async def life(scene: Scene) -> None:
        client = await scene.client()
        headers = {"idempotency-key": "again"}
        ids = {
            (await said(client, stream, input="one", extra_headers=headers)).id
            for stream in (False, False)
        }
        (name,) = ids
        two = await said(client, stream=False, input="two", previous_response_id=name)
        assert two.output_text == "one+two+"
        assert len(scene.witnesses["openai-chat"].told) == 2

    played(life, "openai-chat")
