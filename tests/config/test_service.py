"""Which version of its API a service wants named."""

import pytest

from switchgear.config.service import Service, api_version
from switchgear.domain.dialect import Dialect

AZURE = "https://me.openai.azure.com"


@pytest.mark.parametrize(
    ("service", "dialect", "base_url", "version"),
    [
        (Service.AZURE, Dialect.OPENAI_CHAT, AZURE, "2024-10-21"),
        (Service.AZURE, Dialect.OPENAI_RESPONSES, AZURE, "2025-04-01-preview"),
        (Service.AZURE, Dialect.OPENAI_CHAT, f"{AZURE}/openai/v1", ""),
        (Service.AZURE, Dialect.OPENAI_RESPONSES, f"{AZURE}/openai/v1", ""),
        (Service.PLAIN, Dialect.OPENAI_CHAT, AZURE, ""),
        (Service.VERTEX, Dialect.GEMINI, "https://aiplatform.googleapis.com/v1", ""),
    ],
)
def test_only_azures_older_paths_want_one(
    service: Service, dialect: Dialect, base_url: str, version: str
) -> None:
    assert api_version(service, dialect, base_url) == version
