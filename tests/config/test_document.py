"""YAML, strictly: numbers as people write them, names as text, and every size bounded."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.config.document import read_document
from switchgear.config.error import ConfigError
from switchgear.config.load import load
from switchgear.config.schema import File


def file_of(text: str) -> File:
    return load(text.encode(), {}).file


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_document(text.encode())
    (found,) = caught.value.findings
    return found.code


def test_every_key_and_item_has_its_position() -> None:
    document = read_document(b"a:\n  - x\n  - b: 1\n")
    assert document.marks == {
        ("a",): (1, 1),
        ("a", 0): (2, 5),
        ("a", 1): (3, 5),
        ("a", 1, "b"): (3, 5),
    }


TEXTS = st.text(st.sampled_from("aZ09é€😀:#-?,{}[]&*!|>'\"\\%@`~<=._ \n\t\0"), max_size=20)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=50)
@given(JSON)
def test_json_is_read_as_what_it_says(value: object) -> None:
    assert read_document(msgspec.json.encode(value)).value == value


def test_an_alias_stands_for_what_it_names() -> None:
    assert read_document(b"a: &x [1]\nb: *x\n").value == {"a": [1], "b": [1]}


def test_what_yaml_cannot_read_has_its_position_and_not_its_text() -> None:
    with pytest.raises(ConfigError) as caught:
        read_document(b"a: 1\nb: *sk-secret\n")
    (found,) = caught.value.findings
    assert (found.line, found.column) == (2, 4)
    assert "sk-secret" not in found.message


def test_numbers_are_read_as_people_write_them() -> None:
    text = "targets: {a: {window: 128_000, quality: 5e-1, weight: 3}}"
    target = file_of(text).targets["a"]
    assert (target.window, target.quality, target.weight) == (128_000, 0.5, 3.0)


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(ConfigError) as caught:
        read_document(b"#" * 1_000_001)
    assert caught.value.findings[0].code == "too_large"


def test_a_file_of_too_many_values_is_refused() -> None:
    text = "relax: [" + "a," * 21_000 + "]"
    assert refusal(text) == "too_large"


def test_deep_nesting_is_refused_without_recursion() -> None:
    assert refusal("[" * 200_000) == "too_large"


@pytest.mark.parametrize("name", ["no", "1.5", "010", "~", "2024-01-01"])
def test_a_name_is_the_text_that_was_written(name: str) -> None:
    assert list(file_of(f"targets: {{{name}: {{}}}}").targets) == [name]
