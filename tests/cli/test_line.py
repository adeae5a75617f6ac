"""The command line as a whole."""

from importlib.metadata import version

from typer.testing import CliRunner

from switchgear.cli import COMMANDS, assemble


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(assemble(), arguments)
    return outcome.exit_code, outcome.output


def test_it_says_which_release_it_is() -> None:
    assert run("--version") == (0, f"switchgear {version('switchgear')}\n")


def test_the_help_names_every_command() -> None:
    _, output = run("--help")
    for name, _command in COMMANDS:
        assert f"\n  {name} " in output


def test_a_misspelt_command_is_told_with_the_nearest() -> None:
    code, output = run("serv")
    assert code == 2
    assert "Did you mean 'serve'?" in output
