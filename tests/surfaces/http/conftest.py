import logging
from collections.abc import Iterator

import pytest

from support.gateway import ScriptedGateway, serving
from switchgear.config.setup import Server
from switchgear.domain.units import Seconds

HURRY = Server(
    header_receipt=Seconds(0.3),
    body_receipt=Seconds(0.3),
    reader_stall=Seconds(0.3),
    max_body=1_000_000,
)


@pytest.fixture(scope="session")
def gateway() -> ScriptedGateway:
    return ScriptedGateway(Server(max_body=1_000_000))


@pytest.fixture(scope="session")
def port(gateway: ScriptedGateway) -> Iterator[int]:
    with serving(gateway) as found:
        yield found


@pytest.fixture(scope="session")
def hurried() -> ScriptedGateway:
    return ScriptedGateway(HURRY)


@pytest.fixture(scope="session")
def hurried_port(hurried: ScriptedGateway) -> Iterator[int]:
    """A server with all its deadlines short."""
    with serving(hurried) as found:
        yield found


@pytest.fixture(autouse=True)
def _silence(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing a client sends may leave a trace of a fault in the log."""
    yield
    if "loud" not in request.fixturenames:
        assert not [it.getMessage() for it in caplog.records if it.levelno >= logging.WARNING]


@pytest.fixture
def loud() -> None:
    """Let this test break something of ours, and see the log for itself."""
