"""How the admin plane reads what it is told, and how it answers."""

from typing import TypeVar

import msgspec

from switchgear.domain.errors import MalformedBody
from switchgear.surfaces.http.answer import JSON_HEADERS
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.intake import read_body
from switchgear.surfaces.http.request import Request
from switchgear.wire.strict import decode

MOST_BYTES = 65_536
"""Of one body."""
PRIVATE: Headers = [(b"cache-control", b"no-store")]

T = TypeVar("T")


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a body of the admin plane may say: nothing beside its fields."""


async def read_form(request: Request, shape: type[T], most: int = MOST_BYTES) -> T:
    """Return what the body says, of ``most`` bytes at most; ``shape`` is a Form.

    Raises:
        MalformedBody: it is not strict JSON, or not of that shape; the message says where.
        BodyTooLarge, WrongMediaType, TooSlow: as for calls.
    """
    raw = await read_body(request, most)
    try:
        return msgspec.convert(decode(raw), shape)
    except msgspec.ValidationError as error:
        raise MalformedBody(str(error).replace("`", "")) from None


async def answer(request: Request, found: object, status: int = 200) -> None:
    """Answer with values as JSON, which nobody on the way may keep."""
    marks = headers(Marks(decision=request.id, own=request.age))
    body = msgspec.json.encode(found)
    await request.response.whole(status, [*JSON_HEADERS, *PRIVATE, *marks], body)
