"""Plain values against the schema: every unknown key and ill-typed value, not only the first."""

import difflib
import itertools
import types
import typing
from collections.abc import Iterable
from enum import Enum
from functools import cache

import msgspec

from switchgear.config.error import Finding, Path
from switchgear.config.schema import File

_COMPARED = 500
"""Names looked through for the nearest: comparing is slow, and nobody has more."""
MOST_TOLD = 10**24
"""A number that is larger is not repeated."""
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a mapping",
    list: "a list",
    tuple: "a list",
    type(None): "nothing",
}


def shape(value: object) -> tuple[File | None, list[Finding]]:
    """Return the file that the values make, or all that is wrong with their shape."""
    findings: list[Finding] = []
    plain = _fit(value, File, (), findings)
    if findings:
        return None, findings
    try:
        return msgspec.convert(plain, File), []
    except msgspec.ValidationError:
        return None, [Finding(code="wrong_type", message="it does not fit the schema")]


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the hint with the name that was probably meant; empty when none is near."""
    some = list(itertools.islice(names, _COMPARED))
    near = difflib.get_close_matches(name[:200], some, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _fit(value: object, wanted: object, path: Path, findings: list[Finding]) -> object:
    option = _option(value, wanted)
    origin, inner = typing.get_origin(option), typing.get_args(option)
    if isinstance(option, type) and issubclass(option, msgspec.Struct):
        if isinstance(value, dict):
            return _fit_struct(value, option, path, findings)
    elif origin is dict and isinstance(value, dict):
        return {key: _fit(each, inner[1], (*path, key), findings) for key, each in value.items()}
    elif origin is tuple and isinstance(value, list):
        return [_fit(each, inner[0], (*path, at), findings) for at, each in enumerate(value)]
    elif isinstance(value, bool) and (word := "on" if value else "off") in _choices(option):
        return word  # YAML reads these words as true and false
    elif _converts(value, option):
        return value
    findings.append(Finding(code="wrong_type", path=path, message=_complaint(value, wanted)))
    return None


def _fit_struct(
    value: dict[str, object],
    wanted: type[msgspec.Struct],
    path: Path,
    findings: list[Finding],
) -> dict[str, object]:
    fields = {each.encode_name: each for each in msgspec.structs.fields(wanted)}
    plain = {}
    for key, each in value.items():
        if key not in fields:
            message = f"there is no such setting{nearest(key, fields)}"
            message += f" (allowed here: {', '.join(fields)})"
            findings.append(Finding(code="unknown_key", path=(*path, key), message=message))
        elif each is not None or fields[key].required:  # an empty section is as good as none
            plain[key] = _fit(each, _hints(wanted)[fields[key].name], (*path, key), findings)
    for key, field in fields.items():
        if field.required and key not in value:
            expected = _expected(_hints(wanted)[field.name])
            message = f"{key} is missing: {expected}"
            findings.append(Finding(code="missing_key", path=path, message=message))
    return plain


@cache
def _hints(wanted: type[msgspec.Struct]) -> dict[str, object]:
    return typing.get_type_hints(wanted, include_extras=True)


def _options(wanted: object) -> list[object]:
    if isinstance(wanted, types.UnionType) or typing.get_origin(wanted) is typing.Union:
        return [each for each in typing.get_args(wanted) if each is not type(None)]
    return [wanted]


def _option(value: object, wanted: object) -> object:
    # Of the alternatives, the one that a value of this kind can only have been meant for.
    options = _options(wanted)
    wished = type(value) if isinstance(value, dict | list) else None
    return next((each for each in options if _container(each) is wished), options[0])


def _container(option: object) -> type | None:
    """Return what a value must be in the file to be meant for this alternative."""
    if isinstance(option, type) and issubclass(option, msgspec.Struct):
        return dict
    origin = typing.get_origin(option)
    return dict if origin is dict else list if origin is tuple else None


def _converts(value: object, wanted: object) -> bool:
    try:
        msgspec.convert(value, wanted)
    except (msgspec.ValidationError, OverflowError):
        return False
    return True


def _complaint(value: object, wanted: object) -> str:
    kind = _KINDS.get(type(value), "something else")
    choices = [each for option in _options(wanted) for each in _choices(option)]
    if isinstance(value, str) and choices:
        return f"expected {_expected(wanted)}{nearest(value, choices)}"
    hint = (
        "; put it in quotes" if str in _options(wanted) and isinstance(value, (int, float)) else ""
    )
    if isinstance(value, int | float) and not isinstance(value, bool) and not hint:
        kind = f"{value}" if abs(value) < MOST_TOLD else "one that is far too large"
    return f"expected {_expected(wanted)}, found {kind}{hint}"


def _expected(wanted: object) -> str:
    return " or ".join(_said(each) for each in _options(wanted))


def _said(option: object) -> str:
    choices = _choices(option)
    if choices:
        return f"one of {', '.join(choices)}"
    bounds = ""
    if typing.get_origin(option) is typing.Annotated:
        option, *metas = typing.get_args(option)
        bounds = "".join(_bounds(meta) for meta in metas if isinstance(meta, msgspec.Meta))
    kind = typing.get_origin(option) or option
    return _KINDS.get(kind if isinstance(kind, type) else object, "a mapping") + bounds


def _bounds(meta: msgspec.Meta) -> str:
    low = f" from {meta.ge:,}" if meta.ge is not None else ""
    low += f" above {meta.gt:,}" if meta.gt is not None else ""
    return low + (f" to {meta.le:,}" if meta.le is not None else "")


def _choices(option: object) -> list[str]:
    if typing.get_origin(option) is typing.Literal:
        return [str(each) for each in typing.get_args(option)]
    if isinstance(option, type) and issubclass(option, Enum):
        return [str(each.value) for each in option]
    return []
