"""What stands behind the question mark of a request."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from switchgear.domain.errors import MalformedRequest
from switchgear.surfaces.http.request import Request

MOST_FIELDS = 32
MOST_DIGITS = 9


def asked(request: Request) -> dict[str, str]:
    """Return the fields of the query; of one that stands there twice, the last.

    Raises:
        MalformedRequest: it is none.
    """
    try:
        text = request.scope["query_string"].decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise MalformedRequest(f"The query is not understood: {error}.") from None


def number(query: Mapping[str, str], name: str, bounds: tuple[int, int], otherwise: int) -> int:
    """Return a whole number of the query, or what stands for it where it is not said.

    Raises:
        MalformedRequest: it is none, or out of bounds.
    """
    said = query.get(name, str(otherwise))
    least, most = bounds
    if said.isdecimal() and said.isascii() and least <= int(said[:MOST_DIGITS]) <= most:
        return int(said)
    raise MalformedRequest(f"{name} is a number from {least} to {most}.")
