"""Requests that are read, those that are not, and what is named as unread."""

import json
from typing import Any

import pytest

from switchgear.domain.errors import MalformedBody
from switchgear.wire.gemini.shape import read_request

HI = {"contents": [{"parts": [{"text": "hi"}]}]}


def unread(**said: Any) -> set[str]:
    return set(read_request(json.dumps({**HI, **said}).encode())[1])


def test_what_is_not_read_is_named() -> None:
    assert unread(
        safetySettings=[{"a": 1}],
        cachedContent="x",
        tools=[{"googleSearch": {}}, {"functionDeclarations": []}],
        generationConfig={"candidateCount": 2, "speechConfig": {}, "temperature": 1},
        contents=[{"parts": [{"executableCode": {}}, {"text": "a", "videoMetadata": {}}]}],
        **{"bad name": 1},
    ) == {
        *("safetySettings", "cachedContent", "tools.googleSearch", "other"),
        *("generationConfig.candidateCount", "generationConfig.speechConfig"),
        *("contents.parts.executableCode", "contents.parts.videoMetadata"),
    }


def test_what_asks_for_nothing_is_not_named() -> None:
    config = {"candidateCount": 1, "responseModalities": ["TEXT"], "speechConfig": None}
    assert not unread(generationConfig=config, safetySettings=[], labels=None)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("{}", "contents"),
        ('{"contents":[]}', "contents"),
        ('{"contents":[{"parts":[{"text":1}]}]}', "contents[0].parts[0].text"),
        ('{"contents":[{"parts":[{"functionCall":{}}]}]}', "contents[0].parts[0].functionCall"),
        ('{"contents":[{}],"generationConfig":{"maxOutputTokens":0}}', "maxOutputTokens"),
        ('{"contents":[{}],"contents":[{}]}', "twice"),
        ("[", "not JSON"),
    ],
)
def test_a_wrong_body_is_told_with_its_place(body: str, where: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        read_request(body.encode())
    assert where in caught.value.message
