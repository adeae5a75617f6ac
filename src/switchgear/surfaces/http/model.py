"""The list of what a caller may ask for, as either SDK expects it."""

from datetime import UTC, datetime

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UnknownModel
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.gateway import ModelCard
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.request import Request


async def models(request: Request) -> None:
    """Answer with all of them."""
    cards = request.gateway.models(request.authenticate())
    rows = [_row(request, card) for card in cards]
    if request.dialect is Dialect.ANTHROPIC_MESSAGES:
        ends = {"first_id": cards[0].id, "last_id": cards[-1].id} if cards else {}
        await _write(request, {"data": rows, "has_more": False, **ends})
    else:
        await _write(request, {"object": "list", "data": rows})


async def model(request: Request) -> None:
    """Answer with one."""
    cards = {card.id: card for card in request.gateway.models(request.authenticate())}
    if request.rest not in cards:
        raise UnknownModel
    await _write(request, _row(request, cards[request.rest]))


def _row(request: Request, card: ModelCard) -> dict[str, object]:
    if request.dialect is Dialect.ANTHROPIC_MESSAGES:
        born = datetime.fromtimestamp(card.created, UTC).isoformat().replace("+00:00", "Z")
        return {"type": "model", "id": card.id, "display_name": card.id, "created_at": born}
    return {"id": card.id, "object": "model", "created": card.created, "owned_by": card.owner}


async def _write(request: Request, found: object) -> None:
    marks = headers(Marks(decision=request.id, own=request.age))
    await request.response.whole(200, [*JSON_HEADERS, *marks], msgspec.json.encode(found))
