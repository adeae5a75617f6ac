"""The kinds of houses that providers are, apart from the dialect they speak."""

from enum import Enum

from switchgear.domain.dialect import Dialect


class Service(Enum):
    """Which addresses and which credentials a provider wants. The value is what the file says."""

    PLAIN = "plain"
    """The dialect's own paths, and its own header for an API key."""
    AZURE = "azure"
    """Azure OpenAI: a deployment in the path, ``api-version``, ``api-key``."""
    VERTEX = "vertex"
    """Google's Vertex AI: publisher and model in the path, an OAuth token."""
    BEDROCK = "bedrock"
    """Amazon Bedrock: the model in the path, every request signed (SigV4)."""


AZURE_PLAIN = "/openai/v1"
"""Where an address of Azure's ends in this, the paths are as OpenAI's, and need no version."""
AZURE_VERSIONS = {Dialect.OPENAI_CHAT: "2024-10-21", Dialect.OPENAI_RESPONSES: "2025-04-01-preview"}
"""The last stable version of Azure's older paths; of responses there are only previews there."""


def api_version(service: Service, dialect: Dialect, base_url: str) -> str:
    """Return the version that a service wants named in its paths; empty where it wants none."""
    if service is not Service.AZURE or base_url.endswith(AZURE_PLAIN):
        return ""
    return AZURE_VERSIONS.get(dialect, AZURE_VERSIONS[Dialect.OPENAI_CHAT])
