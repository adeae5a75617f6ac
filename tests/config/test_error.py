"""Findings: their places as people write them, and their gravity."""

from switchgear.config.error import FINDINGS, ConfigError, Finding, Severity, shown


def test_a_path_is_shown_as_people_write_it() -> None:
    assert shown(("rules", 2, "then", "tier")) == "rules[2].then.tier"
    assert shown(("targets", "openai/gpt-4o", "tire")) == "targets.openai/gpt-4o.tire"
    assert shown(()) == "(the file)"


def test_a_finding_takes_its_gravity_from_its_code() -> None:
    assert Finding(code="missing_price", message="m").severity is Severity.ERROR
    assert Finding(code="unused_provider", message="m").severity is Severity.WARNING


def test_the_error_says_all_that_is_wrong_and_no_mere_warning() -> None:
    error = ConfigError(
        (
            Finding(code="bad_id", path=("a",), message="one"),
            Finding(code="unused_provider", path=("b",), message="nobody lives here"),
            Finding(code="bad_id", message="two"),
        )
    )
    assert str(error) == "a: one; two"


def test_every_code_says_what_it_means() -> None:
    assert all(meaning.endswith(".") for _, meaning in FINDINGS.values())
