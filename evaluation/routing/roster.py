"""Which models are compared: rules that were fixed before any result was looked at."""

ZEROEVAL_RULE = """of all models with complete outcomes on both tasks and a verified price, those
sold by their own makers (Anthropic, Google, Mistral, OpenAI), of each the latest release, and no
experiments"""
ZEROEVAL = (
    "gemini-1.5-flash",
    "gpt-4o-mini-2024-07-18",
    "claude-3-haiku-20240307",
    "gpt-3.5-turbo-0125",
    "claude-3-5-haiku-20241022",
    "gpt-4o-2024-08-06",
    "Mistral-Large-2",
    "gemini-1.5-pro",
    "o1-mini-2024-09-12",
    "claude-3-sonnet-20240229",
    "claude-3-5-sonnet-20241022",
    "claude-3-opus-20240229",
)
"""Cheapest first."""

MMLU_RULE = """all models with complete outcomes and a verified price, which are six; and, to make
eight, the two that their own makers sold at a price that is told but not verified"""
MMLU_VERIFIED = (
    "Meta-Llama-3_1-8B-Instruct",
    "gemini-1.5-flash-002",
    "Mixtral-8x7B-Instruct-v0.1",
    "Meta-Llama-3_1-70B-Instruct",
    "jamba-1.5-large",
    "gemini-1.5-pro-002",
)
MMLU = (*MMLU_VERIFIED, "Phi-3-mini-4k-instruct", "c4ai-command-r-v01")
MMLU_PAIR = ("gemini-1.5-flash-002", "gemini-1.5-pro-002")
"""Weak and strong."""
