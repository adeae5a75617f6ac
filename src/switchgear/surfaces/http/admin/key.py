"""Keys, over HTTP: a secret is shown once, in the answer to what made it."""

from switchgear.config.grant import Grant, NewGrant, told
from switchgear.domain.denial import UnknownKeyId
from switchgear.domain.errors import MalformedRequest, UnknownPath
from switchgear.domain.secret import Secret
from switchgear.ports.keyring import Shown
from switchgear.surfaces.http.admin.form import answer, read_form
from switchgear.surfaces.http.query import asked, number
from switchgear.surfaces.http.request import Request

PAGE, LONGEST_PAGE = 100, 1000
MOST_REVISIONS = 1_000_000_000
MADE = 201
HISTORY = "history"


async def show_all(request: Request) -> None:
    """List the keys that are the admin's to know, a page at a time, oldest first."""
    query = asked(request)
    found = list(await request.gateway.keys.all(request.key))
    if "after" in query:
        names = [each.key.id for each in found]
        if query["after"] not in names:
            raise MalformedRequest("There is no key of yours with the id that `after` says.")
        found = found[names.index(query["after"]) + 1 :]
    page = found[: number(query, "limit", (1, LONGEST_PAGE), PAGE)]
    rows = [told_of(each) for each in page]
    await answer(request, {"object": "list", "data": rows, "has_more": len(page) < len(found)})


async def make(request: Request) -> None:
    """Make a key, whose maker is the admin's, and show its secret."""
    grant = await read_form(request, NewGrant)
    shown, secret = await request.gateway.keys.make(grant, request.key)
    await answer(request, _with_secret(shown, secret), MADE)


async def show(request: Request) -> None:
    """Show one key, or what was done to it."""
    name, _, part = request.rest.partition("/")
    if part == HISTORY:
        done = await request.gateway.keys.history(name, request.key)
        rows = [
            {"revision": it.revision, "at": it.changed, "by": it.by, "deed": it.deed} for it in done
        ]
        await answer(request, {"object": "list", "data": rows, "has_more": False})
        return
    if part:
        raise UnknownPath
    await answer(request, told_of(await request.gateway.keys.find(name, request.key)))


async def change(request: Request) -> None:
    """Change what one key may do."""
    name = _name(request)
    grant = await read_form(request, Grant)
    keys = request.gateway.keys
    await answer(request, told_of(await keys.change(name, grant, request.key, _revision(request))))


async def revoke(request: Request) -> None:
    """End one key for good."""
    keys = request.gateway.keys
    found = await keys.revoke(_name(request), request.key, _revision(request))
    await answer(request, told_of(found))


async def act(request: Request) -> None:
    """Rotate one key, promote its new secret, or roll back to the old one."""
    name, _, verb = request.rest.partition("/")
    keys, revision = request.gateway.keys, _revision(request)
    if verb == "rotate":
        shown, secret = await keys.rotate(name, request.key, revision)
        await answer(request, _with_secret(shown, secret), MADE)
        return
    if verb not in {"promote", "rollback"}:
        raise UnknownPath("What can be done to a key is rotate, promote and rollback.")
    drop = keys.promote if verb == "promote" else keys.rollback
    await answer(request, told_of(await drop(name, request.key, revision)))


def told_of(shown: Shown) -> dict[str, object]:
    """Return a key as JSON-able values: what it may do by itself, and in the end."""
    key, kept = shown.key, shown.kept
    words: dict[str, object] = {
        "object": "key",
        "id": key.id,
        "tenant": (shown.effective or key).tenant,
        "parent": key.parent or None,
        "declared": kept is None,
        "good": shown.effective is not None,
        "why": shown.why,
        "grant": told(key),
        "effective": None if shown.effective is None else told(shown.effective),
    }
    if kept is not None:
        words |= {
            "hints": kept.hint,
            "made": kept.made,
            "changed": kept.changed,
            "by": kept.by or None,
            "deed": kept.deed,
            "revision": kept.revision,
            "revoked": kept.revoked,
        }
    return words


def _with_secret(shown: Shown, secret: Secret) -> dict[str, object]:
    return {**told_of(shown), "secret": secret.reveal()}


def _name(request: Request) -> str:
    if "/" in request.rest:
        raise UnknownKeyId
    return request.rest


def _revision(request: Request) -> int | None:
    """Return the revision that the change is meant for, where the query says one."""
    query = asked(request)
    return number(query, "revision", (1, MOST_REVISIONS), 1) if "revision" in query else None
