"""Bedrock as botocore knows it: an independent judge of what is written, and reader of answers."""

import base64
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from botocore.eventstream import EventStream
from botocore.parsers import create_parser
from botocore.session import Session
from botocore.validate import ParamValidator

Shape = Any
"""botocore's model of a value; it has no types."""


@cache
def operation(name: str) -> Shape:
    return Session().get_service_model("bedrock-runtime").operation_model(name)


def check(body: bytes, name: str = "Converse", model: str = "anthropic.claude-x") -> dict[str, Any]:
    """Return a request as botocore's own caller would give it; what the API refuses fails."""
    shape = operation(name).input_shape
    params = given({"modelId": model, **msgspec.json.decode(body)}, shape)
    report = ParamValidator().validate(params, shape)
    assert not report.has_errors(), report.generate_report()
    faults = [*wrong(params, shape)]
    assert not faults, faults
    found: dict[str, Any] = params
    return found


def given(value: Any, shape: Shape) -> Any:
    """Return JSON with its base64 as bytes, which is how botocore takes it."""
    kind = shape.type_name
    if kind == "blob":
        return base64.b64decode(value, validate=True)
    if kind == "list":
        return [given(each, shape.member) for each in value]
    if kind == "structure" and not getattr(shape, "is_document_type", False):
        members = shape.members
        assert not value.keys() - members.keys(), value.keys()
        return {name: given(each, members[name]) for name, each in value.items()}
    return value


def wrong(value: Any, shape: Shape, where: str = "") -> Iterator[str]:
    """Yield what botocore leaves to the service: words of a list, and patterns."""
    kind = shape.type_name
    if kind == "list":
        for index, each in enumerate(value):
            yield from wrong(each, shape.member, f"{where}[{index}]")
    elif kind == "structure" and not getattr(shape, "is_document_type", False):
        for name, each in value.items():
            yield from wrong(each, shape.members[name], f"{where}.{name}")
    elif kind == "string" and where != ".modelId" and not _fits(value, shape):
        yield f"{where}: {value!r} is not {shape.enum or shape.metadata}"


def _fits(value: str, shape: Shape) -> bool:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
    word = not shape.enum or value in shape.enum
    pattern = re.fullmatch(shape.metadata.get("pattern", ".*"), value, re.DOTALL)
    return word and pattern is not None and least <= len(value) <= most


def parsed(raw: bytes) -> dict[str, Any]:
    """Return a whole answer as botocore reads it."""
    answer = {"status_code": 200, "headers": {}, "body": raw}
    found: dict[str, Any] = create_parser("rest-json").parse(
        answer, operation("Converse").output_shape
    )
    return found


class _Bytes:
    """A body that has come, for botocore's reader of streams."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        yield from (self._raw[at : at + 7] for at in range(0, len(self._raw), 7))

    def close(self) -> None:
        pass


def events_of(raw: bytes) -> list[dict[str, Any]]:
    """Return a stream's events as botocore reads them; an exception in it is raised."""
    shape = operation("ConverseStream").output_shape.members["stream"]
    parser = create_parser("rest-json")._event_stream_parser
    return list(EventStream(_Bytes(raw), shape, parser, "ConverseStream"))
