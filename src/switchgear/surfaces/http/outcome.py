"""What became of decisions, over HTTP: said one by one, or many at once."""

from collections.abc import Sequence
from typing import Any

from switchgear.domain.errors import MalformedBody, SwitchgearError
from switchgear.engine.saying import Saying, read_saying
from switchgear.engine.spoken import told_label
from switchgear.surfaces.http.admin.form import answer
from switchgear.surfaces.http.intake import read_body
from switchgear.surfaces.http.keeper import Told
from switchgear.surfaces.http.request import Request
from switchgear.wire.strict import decode

MOST_AT_ONCE = 256
"""Outcomes of one request: each is written by itself, and somebody waits for the last."""
MOST_BYTES = 262_144
"""Of one body."""
MANY = "outcomes"
SPACE = b" \t\r\n"
DIFFERS = "An outcome of this id was said before and says something else; it stays as it is."


async def say(request: Request) -> None:
    """Keep one outcome, or each of a list by itself."""
    found = _decoded(await read_body(request, MOST_BYTES))
    outcomes, key = request.gateway.outcomes, request.key
    if MANY not in found:
        await answer(request, told_of(await outcomes.say(read_saying(found), key)))
        return
    lines = lines_of(found)
    rows = await outcomes.say_all([read_line(each) for each in lines], key)
    await answer(request, told_all(rows))


def lines_of(found: dict[str, Any]) -> list[Any]:
    """Return the outcomes of a list, none of them read yet.

    Raises:
        MalformedBody: it is no list, too long, or there is something beside it.
    """
    lines = found[MANY]
    if not isinstance(lines, list):
        raise MalformedBody(f"{MANY} is a list of outcomes.")
    if len(found) > 1:
        raise MalformedBody(
            f"Beside {MANY} nothing else is said; each outcome says all of its own."
        )
    if len(lines) > MOST_AT_ONCE:
        raise MalformedBody(
            f"There are {len(lines)} outcomes; send at most {MOST_AT_ONCE} at once, or a file with"
            " switchgear outcomes import."
        )
    return lines


def told_of(told: Told) -> dict[str, object]:
    """Return what came of saying something as JSON-able values."""
    words: dict[str, object] = {
        "object": "outcome",
        "decision": told.outcome.decision,
        "id": told.outcome.id,
        "at": told.outcome.at,
        "source": told.outcome.source.value,
        "repeated": told.repeated,
        "label": None if told.label is None else told_label(told.label),
    }
    return {**words, "note": DIFFERS} if told.differs else words


def told_all(rows: Sequence[Told | SwitchgearError]) -> dict[str, object]:
    """Return what came of many, in their order, and how many of each there were."""
    failed = [each for each in rows if isinstance(each, SwitchgearError)]
    repeated = [each for each in rows if not isinstance(each, SwitchgearError) and each.repeated]
    return {
        "object": "list",
        "data": [_row(number, each) for number, each in enumerate(rows)],
        "kept": len(rows) - len(failed) - len(repeated),
        "repeated": len(repeated),
        "failed": len(failed),
    }


def _row(number: int, found: Told | SwitchgearError) -> dict[str, object]:
    if not isinstance(found, SwitchgearError):
        return {"number": number, **told_of(found)}
    error = {"code": found.code, "status": found.status, "message": found.message}
    return {"number": number, "object": "error", "error": error}


def read_line(values: object) -> Saying | SwitchgearError:
    """Return one outcome of a list, or what is wrong with it."""
    try:
        return read_saying(values)
    except MalformedBody as error:
        return error


def _decoded(raw: bytes) -> dict[str, Any]:
    """Return the body; a bare list is the list of an object that holds nothing else."""
    if raw.lstrip(SPACE).startswith(b"["):
        raw = b'{"%s":%s}' % (MANY.encode(), raw)
    return decode(raw)
