"""The kill switch, over HTTP: list what is stopped, stop something, let it go again."""

from typing import Annotated

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.denial import UnknownHalt
from switchgear.domain.errors import MalformedBody, MalformedRequest, NotAllowed
from switchgear.domain.halt import Halt, Halted
from switchgear.surfaces.http.admin.form import Form, answer, read_form
from switchgear.surfaces.http.query import asked
from switchgear.surfaces.http.request import Request

Name = Annotated[str, msgspec.Meta(max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
OWN = frozenset({Halted.TENANT, Halted.KEY, Halted.AGENT})
"""What a tenant's admin may stop, as far as it is the tenant's."""


class HaltForm(Form, frozen=True, kw_only=True):
    """What is to be stopped."""

    kind: Halted
    name: Name = ""
    note: Note = ""
    tenant: Name = ""
    """Only its calls; what a tenant's admin stops is always so."""


async def show(request: Request) -> None:
    """List what is stopped, as far as it is the key's to know."""
    key = request.key
    found = [each for each in request.gateway.halts() if key.tenant in {"", _owner(each)}]
    await answer(request, {"object": "list", "data": [_told(each) for each in found]})


async def halt(request: Request) -> None:
    """Stop something; once this is answered, nothing more of it goes upstream from here."""
    form = await read_form(request, HaltForm)
    if (form.kind is Halted.EVERYTHING) is (form.name != ""):
        raise MalformedBody("name: everything has none, and all else has one.")
    wanted = scoped(request.key, form.kind, form.name, form.tenant)
    said = await request.gateway.say(
        msgspec.structs.replace(wanted, by=request.key.id, note=form.note)
    )
    await answer(request, {**_told(said.halt), "posted": said.posted, "told": said.told})


async def resume(request: Request) -> None:
    """Let go again what the query names."""
    query = asked(request)
    try:
        kind = Halted(query.get("kind", ""))
    except ValueError:
        kinds = ", ".join(each.value for each in Halted)
        raise MalformedRequest(f"The query names no kind that there is: {kinds}.") from None
    wanted = scoped(request.key, kind, query.get("name", ""), query.get("tenant", ""))
    if not any(_same(each, wanted) for each in request.gateway.halts()):
        raise UnknownHalt
    lifted = msgspec.structs.replace(wanted, by=request.key.id, on=False)
    said = await request.gateway.say(lifted)
    await answer(request, {**_told(said.halt), "posted": said.posted, "told": said.told})


def scoped(key: Key, kind: Halted, name: str, tenant: str) -> Halt:
    """Return a halt on what may be stopped by the key, and on nothing more.

    A tenant's admin stops only calls of its tenant, whatever it names: keys and agents of others
    may have the same names. What an owner stopped it cannot let go, for that is another halt.

    Raises:
        NotAllowed: it is not the key's to stop.
    """
    if not key.tenant:
        return Halt(kind=kind, name=name, tenant=tenant)
    own = kind in OWN and tenant in {"", key.tenant}
    if not own or (kind is Halted.TENANT and name != key.tenant):
        raise NotAllowed(f"This key may stop only tenant {key.tenant!r}, and its keys and agents.")
    return Halt(kind=kind, name=name, tenant=key.tenant)


def _owner(halt: Halt) -> str:
    """Return the tenant that may know of a halt; empty for none."""
    return halt.name if halt.kind is Halted.TENANT else halt.tenant


def _same(one: Halt, other: Halt) -> bool:
    return (one.kind, one.name, one.tenant) == (other.kind, other.name, other.tenant)


def _told(halt: Halt) -> dict[str, object]:
    told = {"object": "halt", "kind": halt.kind.value, "name": halt.name, "at": halt.at}
    return {**told, "by": halt.by, "note": halt.note, "tenant": halt.tenant, "on": halt.on}
