"""Every broken config is refused by name; adding a case is adding a file to ``broken``."""

from pathlib import Path

import pytest

from switchgear.config.error import FINDINGS, ConfigError, Finding, Severity
from switchgear.config.read import read_setup
from switchgear.domain.units import UnixMs

CASES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
ENVIRONMENT = {"OPENAI_API_KEY": "sk-never-shown"}
AT = UnixMs(1_795_000_000_000)
WITHOUT_FILE = {"nothing_to_start_from", "missing_extra"}


def expected(case: Path) -> set[str]:
    return set(case.read_bytes().split(b"\n", 1)[0].decode().removeprefix("#").split())


def findings(content: bytes) -> tuple[Finding, ...]:
    try:
        return read_setup(content, ENVIRONMENT, AT).warnings
    except ConfigError as error:
        return error.findings


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_config_is_told_by_its_code_and_nothing_else_is_an_error(case: Path) -> None:
    found = findings(case.read_bytes())
    codes = {each.code for each in found}
    errors = {each.code for each in found if each.severity is Severity.ERROR}
    assert expected(case) <= codes, found
    assert errors <= expected(case), found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_finding_has_a_sentence_a_place_and_no_credential(case: Path) -> None:
    for found in findings(case.read_bytes()):
        assert len(found.message) > 10
        assert "sk-never-shown" not in found.message
        assert "Traceback" not in found.message
        assert found.line or not found.path or found.path[0] in {"tiers", "server", "aliases"}


def test_every_finding_that_there_is_has_a_broken_config() -> None:
    shown = set().union(*(expected(case) for case in CASES))
    assert shown == set(FINDINGS) - WITHOUT_FILE


def test_a_misspelt_name_is_told_with_the_nearest_one() -> None:
    by_name = {case.stem: case for case in CASES}
    for name, near in (
        ("misspelt_tier", "did you mean tier?"),
        ("unknown_section", "did you mean rules?"),
        ("fallback_unknown", "did you mean mid?"),
        ("provider_misspelt", "did you mean openai?"),
        ("variable_misspelt", "did you mean ask.input_tokens?"),
        ("function_misspelt", "did you mean arithmetic?"),
        ("key_unknown_model", "did you mean auto?"),
    ):
        messages = [each.message for each in findings(by_name[name].read_bytes())]
        assert any(near in message for message in messages), (name, messages)
