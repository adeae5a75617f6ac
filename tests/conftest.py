"""Settings for all tests."""

import os

from hypothesis import settings

# A slow machine is no defect, so nothing has a deadline; and what continuous integration runs
# today it runs tomorrow, while developers look for new cases.
settings.register_profile("house", deadline=None)
settings.register_profile("again", deadline=None, derandomize=True)
settings.load_profile("again" if os.environ.get("CI") else "house")
