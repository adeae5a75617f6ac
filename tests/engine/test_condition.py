"""CEL conditions: what they read, and that their errors are a no."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.domain.ask import Ask, Shape, Step
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Capability
from switchgear.domain.units import Tokens
from switchgear.engine.condition import (
    VARIABLES,
    BadCondition,
    Fault,
    always,
    compile_condition,
    compile_conditions,
)
from switchgear.engine.policy import Rule, Then

SHAPE = msgspec.convert(
    {
        name: (name == "code") if kind is bool else 7
        for name, kind in Shape.__annotations__.items()
        if kind in {bool, int}
    },
    Shape,
)
ASK = Ask(
    model="auto",
    dialect=Dialect.OPENAI_CHAT,
    stream=True,
    step=Step.USER_TURN,
    shape=SHAPE,
    input_tokens=Tokens(900),
    max_output=None,
    needs=frozenset({Capability.TOOLS}),
    metadata=(("env", "prod"),),
    key="k1",
    tenant="acme",
)


def holds(when: str, ask: Ask = ASK, complexity: float = 0.5) -> bool:
    conditions = compile_conditions([Rule(name="r", when=when, then=Then())])
    return conditions.first(ask, complexity) == 0


def fault(when: str) -> Fault:
    found = compile_condition(when)
    assert isinstance(found, Fault)
    return found


@pytest.mark.parametrize(
    "when",
    [
        "",
        "  ",
        "true",
        'metadata.env == "prod" && ask.code',
        '"tools" in ask.needs',
        "ask.complexity > 0.4 && ask.complexity <= 0.5",
        'ask.dialect == "openai-chat" && ask.step == "user_turn" && ask.stream',
        "ask.max_output == 0",
        'key.id == "k1" && key.tenant == "acme" && task.id == ""',
        'has(metadata.env) && !has(metadata.team) || metadata.team == "x"',
        'ask.model.matches("^au.o$")',
    ],
)
def test_a_condition_that_is_true_of_the_call_holds(when: str) -> None:
    assert holds(when)


@pytest.mark.parametrize(
    "when",
    [
        'metadata.team == "x"',
        'metadata["no such"] != "x"',
        "!(metadata.team == 'x')",
        'key.id.matches("(")',
        "1 / (ask.turns - 7) > 0",
        "ask.maths",
    ],
)
def test_a_condition_that_is_false_or_in_error_does_not_hold(when: str) -> None:
    assert not holds(when)


def test_a_condition_over_its_iteration_budget_does_not_hold() -> None:
    many = "[1,2,3,4,5,6,7,8,9,10].all({}, {})"
    when = "true"
    for name in "abcdef":
        when = many.format(name, when)
    assert not holds(when)


def test_text_that_is_not_unicode_does_not_match_and_does_not_raise() -> None:
    assert not holds('key.id == "k1"', msgspec.structs.replace(ASK, key="\ud800"))


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("ask.input_tokes > 3", "did you mean ask.input_tokens?"),
        ("ask.input_tokens > 'a'", "no matching overload"),
        ("ask.complexity > 1", "written 1.0"),
        ("ask.model", "true or false"),
        ("ask.turns >", "Syntax error"),
        ("zzz", "ask.model"),
        ("(" * 60 + "true" + ")" * 60, "nested too deeply"),
        ("true || " * 400 + "true", "characters"),
        ("key.id == '\ud800'", "not text"),
    ],
)
def test_a_condition_that_does_not_compile_is_told_with_what_to_write(when: str, told: str) -> None:
    assert told in fault(when).message


def test_a_bad_condition_in_a_policy_names_its_rule() -> None:
    with pytest.raises(BadCondition, match="'mine'"):
        compile_conditions([Rule(name="mine", when="nope", then=Then())])


def test_every_variable_of_the_table_can_be_read_however_it_is_spaced() -> None:
    for variable in VARIABLES:
        spaced = variable.name.replace(".", " .\n ")
        assert holds(f"{spaced} == {spaced}"), variable.name


@pytest.mark.parametrize(
    ("when", "outcome"),
    [
        ("1 > 2", False),
        ("ask.code && false", False),
        ("ask.code || true", True),
        ("ask.code", None),
    ],
)
def test_always_tells_what_does_not_depend_on_the_call(when: str, *, outcome: bool | None) -> None:
    program = compile_condition(when)
    assert not isinstance(program, Fault)
    assert always(program) is outcome


@settings(max_examples=50)  # each bad text costs the compiler several milliseconds
@given(st.text(max_size=40))
def test_no_text_makes_the_compiler_raise(when: str) -> None:
    compile_condition(when)
