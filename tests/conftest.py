"""Settings for all tests."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A slow machine is no defect, so nothing has a deadline; and what continuous integration runs
# today it runs tomorrow, while developers look for new cases: EXAMPLES=2000 makes them look longer.
EXAMPLES = int(os.environ.get("EXAMPLES", "35"))
settings.register_profile("house", deadline=None, max_examples=EXAMPLES)
settings.register_profile("again", deadline=None, max_examples=EXAMPLES, derandomize=True)
settings.load_profile("again" if os.environ.get("CI") else "house")

pytest_plugins = ("support.postgres", "support.redis")


@pytest.fixture(autouse=True)
def _audible() -> Iterator[None]:
    """No test may leave the log quieter than it was: the next one would look in vain for a line."""
    yield
    log = logging.getLogger("switchgear")
    left = log.level
    log.setLevel(logging.NOTSET)
    assert left == logging.NOTSET
