"""Counts texts with real tokenizers; run by the environment under build/, which has them.

It reads a JSON list of texts, and writes a list of counts for each tokenizer. All vocabularies come
inside wheels: nothing is fetched.
"""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import sentencepiece
import tiktoken
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from tokenizers import Tokenizer


def folder(package):
    """Return where a package is, without importing it."""
    return Path(find_spec(package).origin).parent


def counters():
    """Return what counts, by the tokenizer's name."""
    litellm = folder("litellm") / "litellm_core_utils" / "tokenizers"
    mistral = folder("mistral_common") / "data"
    os.environ["TIKTOKEN_CACHE_DIR"] = str(litellm)
    cl100k, o200k = (tiktoken.get_encoding(f"{name}_base") for name in ("cl100k", "o200k"))
    claude = Tokenizer.from_file(str(litellm / "anthropic_tokenizer.json"))
    deepseek = Tokenizer.from_file(str(litellm / "deepseek_tokenizer.json"))
    tekken = Tekkenizer.from_file(str(mistral / "tekken_240911.json"))
    pieces = sentencepiece.SentencePieceProcessor(
        model_file=str(mistral / "mistral_instruct_tokenizer_240323.model.v3")
    )
    return {
        "cl100k": lambda text: len(cl100k.encode(text, disallowed_special=())),
        "o200k": lambda text: len(o200k.encode(text, disallowed_special=())),
        "claude-2": lambda text: len(claude.encode(text).ids),
        "deepseek-v3": lambda text: len(deepseek.encode(text).ids),
        "tekken": lambda text: len(tekken.encode(text, bos=False, eos=False)),
        "mistral-v3": lambda text: len(pieces.encode(text)),
    }


texts = json.load(sys.stdin)
json.dump({name: [count(text) for text in texts] for name, count in counters().items()}, sys.stdout)
