"""Where each endpoint of each kind of provider is: one table."""

from urllib.parse import quote

import msgspec

from switchgear.config.service import Service
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.quirk import Quirks
from switchgear.ports.upstream import Endpoint

MODEL = "{model}"
VERSION = "{version}"
_DEPLOYED = "/openai/deployments/{model}"
_VERSIONED = "?api-version={version}"


class Path(msgspec.Struct, frozen=True):
    """Of one endpoint, under the provider's base URL.

    ``{model}`` stands for the target's model, ``{version}`` for the provider's version of its API.
    """

    whole: str
    stream: str = ""
    """Where streams are asked for; empty where it is the same."""

    def of(self, *, stream: bool) -> str:
        """Return the path for a whole answer or a stream."""
        return self.stream if stream and self.stream else self.whole


_BEDROCK = {
    Endpoint.ANSWER: Path(f"/model/{MODEL}/converse", f"/model/{MODEL}/converse-stream"),
    Endpoint.COUNT: Path(f"/model/{MODEL}/count-tokens"),
}
_GOOGLE = f"/publishers/google/models/{MODEL}"
_ANTHROPIC = "/publishers/anthropic/models"

PATHS = {
    (Service.PLAIN, Dialect.OPENAI_CHAT, Endpoint.ANSWER): Path("/chat/completions"),
    (Service.PLAIN, Dialect.OPENAI_RESPONSES, Endpoint.ANSWER): Path("/responses"),
    (Service.PLAIN, Dialect.OPENAI_RESPONSES, Endpoint.COUNT): Path("/responses/input_tokens"),
    (Service.PLAIN, Dialect.OPENAI_CHAT, Endpoint.EMBED): Path("/embeddings"),
    (Service.PLAIN, Dialect.OPENAI_RESPONSES, Endpoint.EMBED): Path("/embeddings"),
    (Service.PLAIN, Dialect.GEMINI, Endpoint.EMBED): Path("/models/{model}:batchEmbedContents"),
    (Service.PLAIN, Dialect.ANTHROPIC_MESSAGES, Endpoint.ANSWER): Path("/messages"),
    (Service.PLAIN, Dialect.ANTHROPIC_MESSAGES, Endpoint.COUNT): Path("/messages/count_tokens"),
    (Service.PLAIN, Dialect.GEMINI, Endpoint.ANSWER): Path(
        f"/models/{MODEL}:generateContent", f"/models/{MODEL}:streamGenerateContent?alt=sse"
    ),
    (Service.PLAIN, Dialect.GEMINI, Endpoint.COUNT): Path(f"/models/{MODEL}:countTokens"),
    (Service.VERTEX, Dialect.GEMINI, Endpoint.ANSWER): Path(
        f"{_GOOGLE}:generateContent", f"{_GOOGLE}:streamGenerateContent?alt=sse"
    ),
    (Service.VERTEX, Dialect.GEMINI, Endpoint.COUNT): Path(f"{_GOOGLE}:countTokens"),
    (Service.VERTEX, Dialect.ANTHROPIC_MESSAGES, Endpoint.ANSWER): Path(
        f"{_ANTHROPIC}/{MODEL}:rawPredict", f"{_ANTHROPIC}/{MODEL}:streamRawPredict"
    ),
    (Service.VERTEX, Dialect.ANTHROPIC_MESSAGES, Endpoint.COUNT): Path(
        f"{_ANTHROPIC}/count-tokens:rawPredict"
    ),
    (Service.AZURE, Dialect.OPENAI_CHAT, Endpoint.ANSWER): Path(
        f"{_DEPLOYED}/chat/completions{_VERSIONED}"
    ),
    (Service.AZURE, Dialect.OPENAI_RESPONSES, Endpoint.ANSWER): Path(
        f"/openai/responses{_VERSIONED}"
    ),
    (Service.AZURE, Dialect.OPENAI_CHAT, Endpoint.EMBED): Path(
        f"{_DEPLOYED}/embeddings{_VERSIONED}"
    ),
    (Service.AZURE, Dialect.OPENAI_RESPONSES, Endpoint.EMBED): Path(
        f"{_DEPLOYED}/embeddings{_VERSIONED}"
    ),
    **{
        (service, Dialect.BEDROCK_CONVERSE, end): path
        for service in (Service.BEDROCK, Service.PLAIN)
        for end, path in _BEDROCK.items()
    },
}
"""What is not here, that service does not have."""

_VERSION = (("anthropic_version", "vertex-2023-10-16"),)
_INSIDE = "generateContentRequest"

QUIRKS: dict[tuple[Service, Dialect, Endpoint], Quirks] = {
    (Service.PLAIN, Dialect.GEMINI, Endpoint.COUNT): Quirks(
        renamed=tuple(
            (name, f"{_INSIDE}.{name}")
            for name in ("model", "systemInstruction", "tools", "contents")
        )
    ),
    (Service.VERTEX, Dialect.GEMINI, Endpoint.COUNT): Quirks(hidden=("model",)),
    (Service.VERTEX, Dialect.ANTHROPIC_MESSAGES, Endpoint.ANSWER): Quirks(
        hidden=("model",), added=_VERSION
    ),
    (Service.VERTEX, Dialect.ANTHROPIC_MESSAGES, Endpoint.COUNT): Quirks(added=_VERSION),
}
"""What a service wants otherwise in the body than the dialect's own, whoever its provider is."""


def paths_of(provider: Provider) -> dict[Endpoint, Path]:
    """Return where a provider's endpoints are; those that it does not have are left out.

    Azure's newer addresses, which need no version, have the paths of OpenAI's.
    """
    plain = provider.service is Service.AZURE and not provider.api_version
    service = Service.PLAIN if plain else provider.service
    house = (service, provider.dialect)
    return {end: path for (*whose, end), path in PATHS.items() if tuple(whose) == house}


def filled(path: str, model: str) -> str:
    """Return a path with the model's name in it, as a URL has it.

    Where it is a segment by itself all of it is quoted: AWS's own clients write ARNs so.
    """
    if MODEL not in path:
        return path
    return path.replace(MODEL, quote(model, safe="" if f"/{MODEL}/" in path else ":@"))
