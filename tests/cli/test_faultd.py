import socket

from typer.testing import CliRunner

from switchgear.cli import assemble
from switchgear.rehearsal.catalogue import CATALOGUE


def test_the_list_names_every_fault() -> None:
    result = CliRunner().invoke(assemble(), ["faultd", "--list"])
    assert result.exit_code == 0
    assert not [each.name for each in CATALOGUE if each.name not in result.output]


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(assemble(), ["faultd", "--port", port])
    assert result.exit_code == 1
    assert f"cannot listen on port {port}" in result.output
