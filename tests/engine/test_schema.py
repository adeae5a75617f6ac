"""Callers' schemas are believed only where they are certain, and never take long."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from switchgear.engine.schema import fits

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "yy", 1.5, 2.0])
)
VALUES = st.recursive(
    SCALARS, lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3)
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
PLAIN: Any = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "const": SCALARS,
        "required": st.lists(NAMES, max_size=2, unique=True),
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "exclusiveMinimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
    },
)


def grown(each: Any) -> Any:
    more = st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(NAMES, each, max_size=3),
            "additionalProperties": each,
            "items": each,
            "prefixItems": st.lists(each, min_size=1, max_size=2),
            "allOf": st.lists(each, min_size=1, max_size=2),
            "anyOf": st.lists(each, min_size=1, max_size=2),
        },
    )
    return st.tuples(PLAIN, more).map(lambda pair: {**pair[0], **pair[1]})


SCHEMAS = st.recursive(PLAIN | st.booleans(), grown, max_leaves=6)
UNKNOWN: Any = st.fixed_dictionaries(
    {},
    optional={
        "not": PLAIN,
        "pattern": st.just("^z"),
        "uniqueItems": st.just(value=True),
        "multipleOf": st.just(2),
        "dependentRequired": st.just({"a": ["b"]}),
        "patternProperties": st.just({"^a": False}),
        "minProperties": st.just(2),
        "contains": PLAIN,
        "oneOf": st.lists(PLAIN, min_size=1, max_size=2),
    },
)


@settings(max_examples=400, deadline=None)
@given(VALUES, SCHEMAS)
def test_what_is_known_is_judged_as_the_standard_says(value: object, schema: Any) -> None:
    if "prefixItems" in str(schema):
        assert fits(value, schema) or not Draft202012Validator(schema).is_valid(value)
    else:
        assert fits(value, schema) == Draft202012Validator(schema).is_valid(value)


@settings(max_examples=200, deadline=None)
@given(VALUES, SCHEMAS, UNKNOWN)
def test_what_the_standard_allows_is_never_refused(
    value: object, schema: Any, unknown: dict[str, Any]
) -> None:
    both = {**schema, **unknown} if isinstance(schema, dict) else unknown
    if Draft202012Validator(both).is_valid(value):
        assert fits(value, both)


@given(VALUES, VALUES)
def test_nothing_that_is_called_a_schema_breaks_it(value: object, nonsense: object) -> None:
    assert fits(value, nonsense) in {True, False}


NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}, "required": ["id"]}


@pytest.mark.parametrize(
    ("value", "good"),
    [({"id": 1}, True), ({"id": 1, "next": {"id": 2}}, True), ({"id": 1, "next": {}}, False)],
)
def test_a_reference_within_the_schema_is_followed(value: object, good: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    assert fits(value, {"$ref": "#/$defs/node", "$defs": {"node": NODE}}) is good


@pytest.mark.parametrize(
    "name", ["#/$defs/none", "http://127.0.0.1:1/schema", "#/type/x", 7, "#", "other.json"]
)
def test_a_reference_to_elsewhere_or_in_a_circle_judges_nothing(name: object) -> None:
    assert fits({"a": 1}, {"$ref": name})


def test_a_schema_that_would_take_for_ever_does_not() -> None:
    wide: object = {"type": "integer"}
    for _ in range(20):
        wide = {"anyOf": [{"allOf": [wide, wide]}, {"allOf": [wide, wide]}]}
    assert fits("x", wide)  # in full it would be years, and so would this pattern
    assert fits("a" * 40 + "!", {"type": "string", "pattern": "^(a+)+$"})
