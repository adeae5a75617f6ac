"""Texts to vectors: asked of OpenAI's endpoint, answered by whoever embeds."""

import base64
import struct
from typing import Any

import msgspec
from parity.cell import ImpossibleError, require
from parity.provider import Line
from parity.stage import ALIAS, Stage

from switchgear.domain.dialect import Dialect
from switchgear.wire.embedding.registry import EMBEDDERS

TEXTS = ["rain", "snow"]
VECTORS = [[0.25, 0.5], [1.0, -2.0]]
"""Exact in 32 bits."""
TOKENS = 4


async def embedding(stage: Stage) -> None:
    """Each text becomes its vector, as floats or as bytes; the ledger has the call."""
    column = stage.column
    if column.caller is not Dialect.OPENAI_CHAT:
        raise ImpossibleError("the endpoint is OpenAI's; an OpenAI client asks there")
    if column.streams:
        raise ImpossibleError("vectors are never streamed")
    if column.target not in EMBEDDERS:
        raise ImpossibleError(f"{column.target.value} providers embed nothing")
    async with stage.gateway(target={"capabilities": ["embeddings"]}):
        stage.scene.play(embeds)
        for form in ("float", "base64"):
            # The SDK asks for bytes by itself, and unpacks what its own strictness would refuse.
            strictly = form == "float"
            client: Any = stage.clients.at(stage.stand.port, column.caller, strictly=strictly)
            said = {"encoding_format": form} if strictly else {}
            found = await client.embeddings.create(model=ALIAS, input=TEXTS, **said)
            got = [each.embedding for each in found.data]
            require(got == VECTORS, f"{form}: the vectors are {got}")
        rows = await stage.entries()
        require(len(rows) == 2, f"{len(rows)} rows on the ledger for two calls")
        require({each.target for each in rows} == {"t0"}, "the rows do not name the target")


async def embeds(line: Line) -> None:
    """Answer with the vectors, in the provider's own form."""
    told = msgspec.json.decode(line.heard.body, type=dict[str, Any])
    if line.heard.dialect is Dialect.GEMINI:
        found: dict[str, Any] = {"embeddings": [{"values": each} for each in VECTORS]}
    else:
        packed = told.get("encoding_format") == "base64"
        found = {
            "object": "list",
            "model": "m",
            "data": [
                {
                    "object": "embedding",
                    "index": place,
                    "embedding": _packed(each) if packed else each,
                }
                for place, each in enumerate(VECTORS)
            ],
            "usage": {"prompt_tokens": TOKENS, "total_tokens": TOKENS},
        }
    await line.whole(200, msgspec.json.encode(found))


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
