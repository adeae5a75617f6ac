"""The errors of those who speak OpenAI's dialect, each in its own shape, and what they mean."""

import json

import pytest

from switchgear.domain import errors
from switchgear.wire.openai_failure import read_error, stream_error

FILTERED = {
    "message": "The response was filtered.",
    "param": "prompt",
    "code": None,
    "status": 400,
    "innererror": {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"hate": {"filtered": True, "severity": "high"}},
    },
}
WRONG_FIELD = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs"}]
UNSUPPORTED = "property 'store' is unsupported, did you mean 'stop'?"
CASES: list[tuple[str, int, object, type[errors.UpstreamError], str]] = [
    ("azure, filtered", 400, {"error": FILTERED}, errors.ContentFiltered, "was filtered"),
    (
        "azure, filtered by its name",
        400,
        {"error": {"message": "m", "code": "content_filter"}},
        errors.ContentFiltered,
        "",
    ),
    (
        "azure, no such deployment",
        404,
        {"error": {"code": "DeploymentNotFound", "message": "secret-name does not exist"}},
        errors.UpstreamDenied,
        "",
    ),
    (
        "mistral, unknown field",
        422,
        {
            "object": "error",
            "message": {"detail": WRONG_FIELD},
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        },
        errors.UpstreamRejected,
        "body.seed: Extra inputs",
    ),
    (
        "mistral, detail alone",
        422,
        {"detail": WRONG_FIELD},
        errors.UpstreamRejected,
        "body.seed: Extra inputs",
    ),
    (
        "mistral, a list as message",
        422,
        {"object": "Error", "message": WRONG_FIELD, "code": 3001},
        errors.UpstreamRejected,
        "body.seed",
    ),
    (
        "mistral, too long",
        400,
        {
            "object": "error",
            "message": "Prompt contains 40000 tokens, too large for model with 32768 maximum"
            " context length",
            "type": "invalid_request_error",
            "code": "3051",
        },
        errors.ContextTooLong,
        "",
    ),
    ("mistral, busy", 429, {"message": "Requests rate limit exceeded"}, errors.UpstreamBusy, ""),
    ("ollama, no model", 404, {"error": "model 'x' not found"}, errors.UpstreamDenied, ""),
    (
        "ollama, wrong",
        400,
        {"error": "invalid options"},
        errors.UpstreamRejected,
        "invalid options",
    ),
    (
        "llama.cpp, too long",
        400,
        {
            "error": {
                "code": 400,
                "message": "the request is larger than what is there",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 5000,
                "n_ctx": 4096,
            }
        },
        errors.ContextTooLong,
        "",
    ),
    (
        "llama.cpp, still loading",
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        errors.UpstreamFailed,
        "",
    ),
    (
        "vllm, too long",
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        errors.ContextTooLong,
        "",
    ),
    (
        "groq, unknown field",
        400,
        {"error": {"message": UNSUPPORTED, "type": "invalid_request_error"}},
        errors.UpstreamRejected,
        "did you mean",
    ),
    (
        "groq, the model's own mistake",
        400,
        {"error": {"message": "Failed to call a function.", "code": "tool_use_failed"}},
        errors.UpstreamFailed,
        "",
    ),
    (
        "groq, no JSON came of it",
        400,
        {"error": {"message": "m", "code": "json_validate_failed", "failed_generation": ""}},
        errors.UpstreamFailed,
        "",
    ),
    (
        "groq, more than a minute's tokens",
        413,
        {"error": {"message": "m", "type": "tokens", "code": "rate_limit_exceeded"}},
        errors.UpstreamBusy,
        "",
    ),
    ("groq, flex tier full", 498, {"error": {"message": "m"}}, errors.UpstreamBusy, ""),
    (
        "cerebras, unknown field",
        400,
        {
            "message": "store: property 'store' is unsupported",
            "type": "invalid_request_error",
            "param": "validation_error",
            "code": "wrong_api_format",
        },
        errors.UpstreamRejected,
        "property 'store' is unsupported",
    ),
    (
        "deepseek, no money",
        402,
        {"error": {"message": "Insufficient Balance", "code": "invalid_request_error"}},
        errors.UpstreamDenied,
        "",
    ),
    (
        "openrouter, no credits",
        402,
        {"error": {"message": "Insufficient credits", "code": 402}, "user_id": "u"},
        errors.UpstreamDenied,
        "",
    ),
    (
        "openrouter, flagged",
        403,
        {
            "error": {
                "code": 403,
                "message": "Your input was flagged",
                "metadata": {"reasons": ["x"], "flagged_input": "y"},
            }
        },
        errors.ContentFiltered,
        "was flagged",
    ),
    (
        "xai, a key that is none",
        400,
        {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: x"},
        errors.UpstreamDenied,
        "",
    ),
    (
        "xai, too long",
        400,
        {"code": "c", "error": "This model's maximum prompt length is 8 but the request has 9."},
        errors.ContextTooLong,
        "",
    ),
    (
        "together, too long",
        422,
        {
            "error": {
                "message": "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000",
                "type": "invalid_request_error",
            }
        },
        errors.ContextTooLong,
        "",
    ),
    (
        "fireworks, unknown field",
        400,
        {
            "error": {
                "object": "error",
                "type": "invalid_request_error",
                "message": "Extra inputs are not permitted, field: 'store'",
            }
        },
        errors.UpstreamRejected,
        "field: 'store'",
    ),
    (
        "nvidia, a problem document",
        400,
        {"type": "about:blank", "status": 400, "title": "Bad Request", "detail": "no such field"},
        errors.UpstreamRejected,
        "no such field",
    ),
]


@pytest.mark.parametrize(
    ("status", "told", "kind", "passed"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_an_error_means_in_each_shape(
    status: int, told: object, kind: type[errors.UpstreamError], passed: str
) -> None:
    found = read_error(status, json.dumps(told).encode(), None)
    assert type(found) is kind
    assert passed in found.message


@pytest.mark.parametrize("told", [case[2] for case in CASES], ids=[case[0] for case in CASES])
def test_a_name_that_is_the_owners_is_not_told_to_callers(told: object) -> None:
    found = read_error(404, json.dumps(told).encode(), None)
    assert found.message == "The target refused our credential, quota or model (404)."


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"x_groq": {"id": "r", "error": "the model was interrupted"}}, errors.UpstreamFailed),
        ({"error": {"code": 429, "message": "m"}, "choices": []}, errors.UpstreamBusy),
        ({"error": {"code": "server_error", "message": "m"}}, errors.UpstreamFailed),
        (
            {"object": "error", "message": "m", "type": "BadRequestError", "code": 400},
            errors.UpstreamRejected,
        ),
        ({"error": {"message": "m", "code": "content_filter"}}, errors.ContentFiltered),
    ],
    ids=["groq", "openrouter, by status", "openrouter, by name", "vllm", "azure"],
)
def test_an_error_in_a_stream_means(told: object, kind: type[errors.UpstreamError]) -> None:
    assert type(stream_error(json.dumps(told).encode())) is kind
