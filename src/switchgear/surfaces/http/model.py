"""The list of what a caller may ask for, as either SDK expects it."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedRequest, UnknownModel
from switchgear.domain.target import Capability
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.gateway import ModelCard
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request

ALIAS = "alias"
LONGEST_PAGE = 1000
"""Of Anthropic's API."""
EFFORTS = ("low", "medium", "high", "max")
YES, NO = {"supported": True}, {"supported": False}


async def models(request: Request) -> None:
    """Answer with all of them, or in Anthropic's style with a page of them."""
    cards = request.gateway.models(request.key)
    if request.dialect is Dialect.ANTHROPIC_MESSAGES:
        await _write(request, _page(list(cards), asked(request)))
    else:
        await _write(request, {"object": "list", "data": [_openai(card) for card in cards]})


async def model(request: Request) -> None:
    """Answer with one."""
    cards = {card.id: card for card in request.gateway.models(request.key)}
    if request.rest not in cards:
        raise UnknownModel
    row = _anthropic if request.dialect is Dialect.ANTHROPIC_MESSAGES else _openai
    await _write(request, row(cards[request.rest]))


def _page(cards: list[ModelCard], query: Mapping[str, str]) -> dict[str, object]:
    """Return one page as Anthropic's API has it; without a limit, as much as a page may hold."""
    limit = number(query, "limit", (1, LONGEST_PAGE), LONGEST_PAGE)
    names = [card.id for card in cards]
    for cursor in ("after_id", "before_id"):
        if cursor in query and query[cursor] not in names:
            raise MalformedRequest(f"There is no model with the id that {cursor} says.")
    if "before_id" in query:
        left = cards[: names.index(query["before_id"])]
        page = left[-limit:]
    else:
        left = cards[names.index(query["after_id"]) + 1 :] if "after_id" in query else cards
        page = left[:limit]
    return {
        "data": [_anthropic(card) for card in page],
        "has_more": len(page) < len(left),
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def _openai(card: ModelCard) -> dict[str, object]:
    row = {"id": card.id, "object": "model", "created": card.created, "owned_by": card.owner}
    return {
        **row,
        **_ours(card),
        "capabilities": sorted(each.value for each in card.capabilities),
        "context_window": card.window or None,
        "max_output_tokens": card.max_output or None,
    }


def _anthropic(card: ModelCard) -> dict[str, object]:
    born = datetime.fromtimestamp(card.created, UTC).isoformat().replace("+00:00", "Z")
    return {
        "type": "model",
        "id": card.id,
        "display_name": card.id,
        "created_at": born,
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": None,
        "max_input_tokens": card.window or None,
        "max_tokens": card.max_output or None,
        "capabilities": _abilities(card.capabilities),
        **_ours(card),
    }


def _ours(card: ModelCard) -> dict[str, object]:
    """Return what neither style has a field for."""
    means = {"targets": card.targets} if card.kind == ALIAS else {}
    return {"kind": card.kind, "tier": card.tier or None, **means}


def _abilities(can: frozenset[Capability]) -> dict[str, object]:
    """Return capabilities as Anthropic's API names them; what is not known is not promised."""
    thinks = {"supported": Capability.THINKING in can}
    return {
        "batch": NO,
        "citations": NO,
        "code_execution": NO,
        "context_management": NO,
        "effort": {**thinks, **dict.fromkeys(EFFORTS, thinks)},
        "image_input": {"supported": Capability.IMAGES in can},
        "pdf_input": {"supported": Capability.DOCUMENTS in can},
        "server_tools": {**NO, "code_execution": NO, "web_search": NO},
        "structured_outputs": {"supported": Capability.JSON_SCHEMA in can},
        "thinking": {
            **thinks,
            "types": {"adaptive": thinks, "enabled": thinks, "disabled": YES, "between_tools": NO},
        },
    }


async def _write(request: Request, found: object) -> None:
    marks = headers(Marks(decision=request.id, own=request.age))
    await request.response.whole(200, [*JSON_HEADERS, *marks], msgspec.json.encode(found))
