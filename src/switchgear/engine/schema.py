"""Whether a value fits a JSON Schema that a caller sent, in bounded time.

What is not known here is taken to fit: a schema is believed only where it is certain. There are no
patterns, which can be made to take for ever, and no references to anywhere else.
"""

from collections.abc import Callable, Mapping
from typing import Any

MOST_STEPS = 10_000
"""Values and schemas that are looked at; then the value is taken to fit."""
MOST_DEPTH = 32

Schema = Mapping[str, Any]


def fits(value: object, schema: object) -> bool:
    """Return False only when the value certainly breaks the schema."""
    try:
        return _Check(schema).holds(value, schema, 0)
    except _Unsure:
        return True


class _Unsure(Exception):
    """The schema is too large, too deep, or is none."""


class _Check:
    """One value against one schema."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._steps = 0

    def holds(self, value: object, schema: object, depth: int) -> bool:
        self._steps += 1
        if self._steps > MOST_STEPS or depth > MOST_DEPTH:
            raise _Unsure
        if not isinstance(schema, dict):
            return schema is not False
        if not all(rule(value, schema) for rule in PLAIN):
            return False
        return self._inside(value, schema, depth + 1) and self._joined(value, schema, depth + 1)

    def _inside(self, value: object, schema: Schema, depth: int) -> bool:
        if isinstance(value, dict):
            return self._fields(value, schema, depth)
        items = schema.get("items", True)
        if isinstance(value, list) and isinstance(items, dict | bool):
            start = len(_listed(schema.get("prefixItems")))
            return all(self.holds(each, items, depth) for each in value[start:])
        return True

    def _fields(self, value: Mapping[str, object], schema: Schema, depth: int) -> bool:
        known = _mapped(schema.get("properties"))
        more = True if "patternProperties" in schema else schema.get("additionalProperties", True)
        return all(
            self.holds(each, known.get(name, more), depth)
            for name, each in value.items()
            if name in known or more is not True
        )

    def _joined(self, value: object, schema: Schema, depth: int) -> bool:
        if "$ref" in schema and not self.holds(value, self._referred(schema["$ref"]), depth):
            return False
        if not all(self.holds(value, each, depth) for each in _listed(schema.get("allOf"))):
            return False
        # of oneOf too only one that fits is asked for: two may seem to, for what is not known here
        groups = [found for name in ("anyOf", "oneOf") if (found := _listed(schema.get(name)))]
        return all(any(self.holds(value, each, depth) for each in group) for group in groups)

    def _referred(self, name: object) -> object:
        """Return the part of the same schema that a reference names."""
        if not isinstance(name, str) or not name.startswith("#"):
            raise _Unsure
        found = self._root
        for step in name[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise _Unsure
            found = found[key]
        return found


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _mapped(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, float) and value.is_integer())


TYPES: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": _is_integer,
}


def _of_type(value: object, schema: Schema) -> bool:
    said = schema.get("type")
    names = [said] if isinstance(said, str) else _listed(said)
    checks = [TYPES[name] for name in names if isinstance(name, str) and name in TYPES]
    return len(checks) < len(names) or not names or any(check(value) for check in checks)


def _of_these(value: object, schema: Schema) -> bool:
    listed = _listed(schema.get("enum"))
    if listed and not any(_same(value, each) for each in listed):
        return False
    return "const" not in schema or _same(value, schema["const"])


def _same(one: object, other: object) -> bool:
    """JSON's equality: 1 is 1.0, and true is not 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _has_all(value: object, schema: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    return all(name in value for name in _listed(schema.get("required")) if isinstance(name, str))


def _within(value: object, schema: Schema) -> bool:
    """Whether a number, or the length of text or a list, keeps its bounds."""
    if _is_number(value):
        return _between(value, schema, "minimum", "maximum") and _beyond(value, schema)
    if isinstance(value, str):
        return _between(len(value), schema, "minLength", "maxLength")
    if isinstance(value, list):
        return _between(len(value), schema, "minItems", "maxItems")
    return True


def _between(value: Any, schema: Schema, least: str, most: str) -> bool:  # noqa: ANN401  (a number)
    low, high = schema.get(least), schema.get(most)
    return not (_is_number(low) and value < low) and not (_is_number(high) and value > high)


def _beyond(value: Any, schema: Schema) -> bool:  # noqa: ANN401  (a number)
    low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    return not (_is_number(low) and value <= low) and not (_is_number(high) and value >= high)


PLAIN: tuple[Callable[[object, Schema], bool], ...] = (_of_type, _of_these, _has_all, _within)
"""Rules that look at a value alone, not at what is in it."""
