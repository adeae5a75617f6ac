"""What is written in Gemini's dialect, held to Google's own types."""

import json
from typing import Any

from google.genai import types


def check_request(raw: bytes) -> dict[str, Any]:
    """Return a request that Google's types take, every field of it known to them."""
    body: dict[str, Any] = json.loads(raw)
    kinds: dict[str, type[Any]] = {
        "systemInstruction": types.Content,
        "toolConfig": types.ToolConfig,
        "generationConfig": types.GenerationConfig,
    }
    for name, kind in kinds.items():
        if name in body:
            kind.model_validate_json(json.dumps(body[name]))
    for content in body["contents"]:
        types.Content.model_validate_json(json.dumps(content))
        assert content["parts"]
        assert content["role"] in {"user", "model"}
    for tool in body.get("tools", ()):
        types.Tool.model_validate_json(json.dumps(tool))
    known = {*kinds, "contents", "tools"}
    assert body.keys() <= known
    return body


def check_answer(raw: bytes) -> types.GenerateContentResponse:
    """Return an answer, or a chunk of one, that Google's types take."""
    return types.GenerateContentResponse.model_validate_json(raw)


def frames(stream: bytes) -> list[bytes]:
    """Return the data of each frame of a stream."""
    parts = stream.split(b"\n\n")
    assert parts[-1] == b""
    assert all(part.startswith(b"data: ") for part in parts[:-1])
    return [part.removeprefix(b"data: ") for part in parts[:-1]]
