import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.graft import Scion, Unfit, grafted


def block(column: int, names: frozenset[str]) -> list[str]:
    pad = " " * column
    return [f"{pad}- name: new{len(names)}", f"{pad}  # why", f"{pad}  when: 'a'"]


def flow(names: frozenset[str]) -> list[str]:
    return [f'{{"name": "new{len(names)}", "when": "a"}}']


SCION = Scion(block, flow)


def new(rules: int) -> dict[str, str]:
    return {"name": f"new{rules}", "when": "a"}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("a: 1\n", 0),
        ("a: 1", 0),
        ("a: 1\n# the end\n", 0),
        ("rules:\n  - name: x\n    when: b\n", 1),
        ("rules:\n- name: x\n", 1),
        ("rules:\n- name: x\n\n# of b\nb: 2\n", 1),
        ("a: 1\nrules:\n  - name: x\n  - {name: y}\n\n\nb:\n  c: 2", 2),
        ("rules:\n  - name: x\n    then: {tier: mid}", 1),
        ("rules: []\na: 1\n", 0),
        ("rules: [{name: x}]\n", 1),
        ("rules: [{name: x},]\n", 1),
        ("rules: [\n  {name: x},\n]\nb: 2\n", 1),
        ('{"a": 1}', 0),
        ('{"a": 1, "rules": [{"name": "x"}], "b": 2}\n', 1),
        ("{}", 0),
    ],
)
def test_the_rules_are_the_last_and_all_else_stays(text: str, rules: int) -> None:
    made = grafted(text, SCION)
    before, after = yaml.safe_load(text), yaml.safe_load(made)
    assert after.pop("rules") == [*(before.pop("rules", None) or []), new(rules)]
    assert after == before
    assert all(line in made for line in text.splitlines() if line.startswith("#"))


def test_what_is_said_of_the_next_section_stays_with_it() -> None:
    made = grafted("rules:\n- name: x\n\n# of b\nb: 2\n", SCION)
    assert made.index("new1") < made.index("# of b") < made.index("b: 2")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "rules:\n", "rules: yes\n", "rules: {a: 1}\n", "a: [", "a: 1\n  b: 2"]
)
def test_what_has_no_place_for_rules_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        grafted(text, SCION)


@given(st.text(max_size=40))
def test_any_text_is_grafted_or_refused(text: str) -> None:
    try:
        made = grafted(text, SCION)
    except Unfit:
        return
    assert yaml.safe_load(made)["rules"][-1]["when"] == "a"
