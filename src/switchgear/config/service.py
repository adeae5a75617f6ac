"""The kinds of houses that providers are, apart from the dialect they speak."""

from enum import Enum


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
