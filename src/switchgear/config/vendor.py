"""The houses that sell or serve models, one row each: their addresses, and what they do otherwise.

A row holds what the vendor's own documentation, or the client that it publishes, says; ``source``
names it. What is not sure is not in here: an owner can say it in the file (``drop``, ``rename``).
"""

import msgspec

from switchgear.config.service import Service
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import PrefillForm
from switchgear.domain.quirk import PLAIN, Quirks


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for everybody who calls one house."""

    name: str
    """As ``vendor`` in the file says it."""
    title: str
    addresses: dict[Dialect, str]
    """By what it speaks, its own dialect first; empty where every owner has another address."""
    service: Service = Service.PLAIN
    key: str = ""
    """The environment variable that its documentation keeps a credential in; often none."""
    needs: tuple[tuple[str, str], ...] = ()
    """Settings that only the owner can know, each with an example."""
    ask_usage: bool = True
    """It knows ``stream_options.include_usage``."""
    prefill: PrefillForm = PrefillForm.PLAIN
    quirks: Quirks = PLAIN
    """What its form of OpenAI's chat completions does otherwise."""
    note: str = ""
    """What an owner should know besides."""
    source: str
    known: str = "November 2026"
    """When it was last held against that source."""

    @property
    def dialect(self) -> Dialect:
        """What it speaks unless the owner says otherwise."""
        return next(iter(self.addresses))

    @property
    def line(self) -> str:
        """What stands under ``providers`` for somebody who has a credential."""
        said = [("vendor", self.name), *self.needs]
        said += [("api_key", f'"${{{self.key}}}"')] if self.key else []
        return f"{self.name}: {{{', '.join(f'{name}: {value}' for name, value in said)}}}"


CHAT, RESPONSES = Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES
MESSAGES = Dialect.ANTHROPIC_MESSAGES

OLDER_LIMIT = (("max_completion_tokens", "max_tokens"),)
NO_DEVELOPER = (("messages.role", "developer", "system"),)
OPENAIS_OWN = (
    *("audio", "modalities", "moderation", "prompt_cache_options", "prompt_cache_retention"),
    *("safety_identifier", "store", "verbosity", "web_search_options"),
)
"""What hardly anybody but OpenAI knows: dropped for those who refuse what they do not know."""
FROM_ANSWERS = tuple(
    f"messages.{name}" for name in ("annotations", "audio", "function_call", "refusal")
)
"""What an answer of OpenAI's holds, and a conversation then gives back."""

_ROWS = (
    Vendor(
        name="openai",
        title="OpenAI",
        addresses={
            CHAT: "https://api.openai.com/v1",
            RESPONSES: "https://api.openai.com/v1",
        },
        key="OPENAI_API_KEY",
        quirks=Quirks(renamed=(("max_tokens", "max_completion_tokens"),)),
        note="Reasoning models refuse `max_tokens`, the older name; all take the newer one.",
        source="API reference; the client `openai`",
    ),
    Vendor(
        name="anthropic",
        title="Anthropic",
        addresses={MESSAGES: "https://api.anthropic.com/v1"},
        key="ANTHROPIC_API_KEY",
        source="API reference; the client `anthropic`",
    ),
    Vendor(
        name="gemini",
        title="Google AI (Gemini API)",
        addresses={
            Dialect.GEMINI: "https://generativelanguage.googleapis.com/v1beta",
            CHAT: "https://generativelanguage.googleapis.com/v1beta/openai",
        },
        key="GEMINI_API_KEY",
        quirks=Quirks(
            dropped=("metadata", "prompt_cache_key", "store", "prompt_cache_retention"),
            mapped=NO_DEVELOPER,
        ),
        note="Write `dialect: openai-chat` for its compatible endpoint.",
        source="API reference; page OpenAI compatibility",
        known="2025",
    ),
    Vendor(
        name="azure",
        title="Azure OpenAI",
        addresses={CHAT: "", RESPONSES: ""},
        service=Service.AZURE,
        key="AZURE_OPENAI_API_KEY",
        needs=(("base_url", "https://NAME.openai.azure.com"),),
        note="A target's `model` is the name of the deployment. An address that ends in"
        " `/openai/v1` is the newer API; any other gets the older paths, with `api_version`.",
        source="Azure OpenAI REST reference; page API version lifecycle",
        known="2025",
    ),
    Vendor(
        name="vertex",
        title="Google Vertex AI",
        addresses={Dialect.GEMINI: "", MESSAGES: ""},
        service=Service.VERTEX,
        needs=(
            ("base_url", "https://aiplatform.googleapis.com/v1/projects/PROJECT/locations/global"),
        ),
        source="Vertex AI REST reference",
        known="2025",
    ),
    Vendor(
        name="bedrock",
        title="Amazon Bedrock",
        addresses={Dialect.BEDROCK_CONVERSE: ""},
        service=Service.BEDROCK,
        needs=(("region", "eu-central-1"),),
        source="Bedrock runtime API reference",
        known="2025",
    ),
    Vendor(
        name="groq",
        title="Groq",
        addresses={CHAT: "https://api.groq.com/openai/v1"},
        key="GROQ_API_KEY",
        quirks=Quirks(
            dropped=(
                *OPENAIS_OWN,
                *("logit_bias", "logprobs", "top_logprobs", "metadata", "prediction"),
                *("prompt_cache_key", "messages.name", "messages.reasoning_content"),
                *FROM_ANSWERS,
            ),
        ),
        note="Refuses every field that it does not know.",
        source="page OpenAI compatibility; the client `groq` 1.7",
    ),
    Vendor(
        name="together",
        title="Together AI",
        addresses={CHAT: "https://api.together.xyz/v1"},
        key="TOGETHER_API_KEY",
        quirks=Quirks(renamed=OLDER_LIMIT, mapped=NO_DEVELOPER),
        source="API reference; the client `together` 3.1",
    ),
    Vendor(
        name="openrouter",
        title="OpenRouter",
        addresses={CHAT: "https://openrouter.ai/api/v1"},
        key="OPENROUTER_API_KEY",
        note="Takes `reasoning_effort` as it is, beside its own `reasoning`.",
        source="API reference; the client `openrouter` 1.3",
    ),
    Vendor(
        name="deepseek",
        title="DeepSeek",
        addresses={CHAT: "https://api.deepseek.com"},
        key="DEEPSEEK_API_KEY",
        prefill=PrefillForm.PREFIX,
        quirks=Quirks(
            dropped=("response_format.json_schema",),
            renamed=OLDER_LIMIT,
            mapped=(*NO_DEVELOPER, ("response_format.type", "json_schema", "json_object")),
        ),
        note="Knows no JSON schema: such a call gets JSON of any form. Prefill is only at"
        " `base_url: https://api.deepseek.com/beta`.",
        source="API reference; pages JSON output and Chat prefix completion",
        known="2025",
    ),
    Vendor(
        name="mistral",
        title="Mistral",
        addresses={CHAT: "https://api.mistral.ai/v1"},
        key="MISTRAL_API_KEY",
        ask_usage=False,
        prefill=PrefillForm.PREFIX,
        quirks=Quirks(
            dropped=(
                *OPENAIS_OWN,
                *("logit_bias", "stream_options", "user", "function_call", "functions"),
                *("messages.name", "messages.reasoning_content"),
                *FROM_ANSWERS,
            ),
            renamed=(*OLDER_LIMIT, ("seed", "random_seed")),
            mapped=(*NO_DEVELOPER, ("tool_choice", "required", "any")),
            short_ids=True,
        ),
        note="Refuses every field that it does not know. Streams tell their usage unasked.",
        source="API reference; the client `mistralai` 3.7",
    ),
    Vendor(
        name="xai",
        title="xAI",
        addresses={CHAT: "https://api.x.ai/v1"},
        key="XAI_API_KEY",
        source="API reference",
        known="2025",
    ),
    Vendor(
        name="cerebras",
        title="Cerebras",
        addresses={CHAT: "https://api.cerebras.ai/v1"},
        key="CEREBRAS_API_KEY",
        quirks=Quirks(
            dropped=(
                *OPENAIS_OWN,
                *("metadata", "function_call", "functions", "messages.reasoning_content"),
                *FROM_ANSWERS,
            ),
        ),
        note="Refuses every field that it does not know.",
        source="API reference; the client `cerebras-cloud-sdk` 1.91",
    ),
    Vendor(
        name="fireworks",
        title="Fireworks AI",
        addresses={CHAT: "https://api.fireworks.ai/inference/v1"},
        key="FIREWORKS_API_KEY",
        ask_usage=False,
        quirks=Quirks(dropped=(*OPENAIS_OWN, "stream_options"), mapped=NO_DEVELOPER),
        note="Refuses every field that it does not know. Streams tell their usage unasked.",
        source="API reference; the client `fireworks-ai` 1.2",
    ),
    Vendor(
        name="nvidia",
        title="NVIDIA NIM",
        addresses={CHAT: "https://integrate.api.nvidia.com/v1"},
        key="NVIDIA_API_KEY",
        quirks=Quirks(renamed=OLDER_LIMIT, mapped=NO_DEVELOPER),
        note="For NIM on machines of your own, write `base_url`.",
        source="NIM API reference",
        known="2025",
    ),
    Vendor(
        name="perplexity",
        title="Perplexity",
        addresses={CHAT: "https://api.perplexity.ai"},
        key="PERPLEXITY_API_KEY",
        quirks=Quirks(renamed=OLDER_LIMIT, mapped=NO_DEVELOPER),
        source="API reference; the client `perplexityai` 0.46",
    ),
    Vendor(
        name="vllm",
        title="vLLM",
        addresses={CHAT: "http://127.0.0.1:8000/v1"},
        prefill=PrefillForm.CONTINUE,
        quirks=Quirks(mapped=NO_DEVELOPER),
        note="The model's chat template decides on roles, and few templates know `developer`.",
        source="page OpenAI-compatible server",
        known="2025",
    ),
    Vendor(
        name="ollama",
        title="Ollama",
        addresses={CHAT: "http://127.0.0.1:11434/v1"},
        quirks=Quirks(renamed=OLDER_LIMIT, mapped=NO_DEVELOPER),
        note="Overlooks what it does not know, so a limit under the newer name would not hold.",
        source="page OpenAI compatibility",
        known="2025",
    ),
    Vendor(
        name="llama.cpp",
        title="llama.cpp's server",
        addresses={CHAT: "http://127.0.0.1:8080/v1"},
        quirks=Quirks(renamed=OLDER_LIMIT, mapped=NO_DEVELOPER),
        source="the server's README",
        known="2025",
    ),
)

VENDORS = {each.name: each for each in _ROWS}
"""All that is known, by name. A new one is a row here, and nothing else."""
