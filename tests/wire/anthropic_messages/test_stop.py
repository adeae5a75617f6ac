from typing import get_args

import pytest
from anthropic.types import StopReason

from switchgear.domain.event import Stop
from switchgear.wire.anthropic_messages.stop import read_stop, write_stop


@pytest.mark.parametrize("reason", get_args(StopReason))
def test_every_reason_of_the_official_client_is_known(reason: str) -> None:
    assert read_stop(reason) is not Stop.OTHER


@pytest.mark.parametrize("stop", Stop)
def test_every_stop_is_written_as_a_reason_of_the_api(stop: Stop) -> None:
    assert write_stop(stop, tools=False, refused=False) in get_args(StopReason)


@pytest.mark.parametrize("stop", sorted(set(Stop) - {Stop.FILTERED, Stop.OTHER}, key=str))
def test_a_stop_is_the_same_after_writing_and_reading(stop: Stop) -> None:
    assert read_stop(write_stop(stop, tools=False, refused=False)) is stop


def test_an_answer_that_asks_for_tools_or_refuses_says_so() -> None:
    assert write_stop(Stop.END, tools=True, refused=False) == "tool_use"
    assert write_stop(Stop.LENGTH, tools=True, refused=False) == "max_tokens"
    assert write_stop(Stop.END, tools=True, refused=True) == "refusal"
