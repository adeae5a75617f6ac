"""The JSON Schema says what the loader takes, and every field is described."""

import jsonschema
import pytest
import yaml

from switchgear.config.describe import entries, field_docs, json_schema
from switchgear.config.environment import PRESETS, write_config
from switchgear.config.part import Entry
from switchgear.config.schema import PatternEntry

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("entry", entries().values(), ids=lambda each: each.__name__)
def test_every_field_says_what_it_is_and_what_it_is_by_default(entry: type[Entry]) -> None:
    docs = field_docs(entry)
    assert set(docs) == set(entry.__struct_fields__)
    assert all(doc.endswith(".") for doc in docs.values())


def test_a_docstring_of_two_lines_becomes_one() -> None:
    assert "\n" not in field_docs(PatternEntry)["pattern"]


def test_the_schema_is_json_schema_and_takes_the_file_that_init_writes() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    VALIDATOR.validate(yaml.safe_load(write_config(PRESETS, {})))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"targets": {}, "rule": []}, {"targets": {"a": {"tire": "small"}}}, {"targets": []}],
)
def test_the_schema_refuses_what_the_loader_refuses(wrong: object) -> None:
    assert not VALIDATOR.is_valid(wrong)
