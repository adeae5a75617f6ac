"""Why an answer ended, and what it used."""

import pytest
from google.genai.types import FinishReason, GenerateContentResponseUsageMetadata

from switchgear.domain.event import Stop, Usage
from switchgear.domain.units import Tokens
from switchgear.wire.gemini.finish import (
    FAILED,
    READ,
    WRITTEN,
    Counted,
    broke_off,
    finished,
    write_usage,
)

KNOWN = {each.value for each in FinishReason}


def test_every_reason_that_is_named_is_one_of_google_s() -> None:
    assert {*READ, *FAILED, *WRITTEN.values()} <= KNOWN


@pytest.mark.parametrize("reason", sorted(KNOWN))
def test_a_reason_is_an_end_or_an_error_and_never_a_success_by_mistake(reason: str) -> None:
    stop = finished(reason, None, tools=False).stop
    assert (stop is Stop.END) == (reason == "STOP")
    assert (broke_off(reason) is not None) == (reason in FAILED)


def test_a_stop_after_tool_calls_is_for_their_sake() -> None:
    assert finished("STOP", None, tools=True).stop is Stop.TOOL_USE
    assert finished("MAX_TOKENS", None, tools=True).stop is Stop.LENGTH


def test_thoughts_are_output_and_what_tools_brought_is_input() -> None:
    counted = Counted(
        prompt_token_count=100,
        tool_use_prompt_token_count=20,
        cached_content_token_count=60,
        candidates_token_count=7,
        thoughts_token_count=5,
    )
    assert counted.usage() == Usage(
        input=Tokens(120), cached=Tokens(60), output=Tokens(12), reasoning=Tokens(5)
    )
    assert Counted(prompt_token_count=-5).usage() == Usage()


def test_usage_is_written_as_google_counts_it() -> None:
    usage = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(7), reasoning=Tokens(3))
    written = write_usage(usage)
    assert written["totalTokenCount"] == 16
    assert (written["candidatesTokenCount"], written["thoughtsTokenCount"]) == (4, 3)
    GenerateContentResponseUsageMetadata.model_validate(written, strict=True)
    assert write_usage(Usage()) == {"promptTokenCount": 0, "totalTokenCount": 0}
