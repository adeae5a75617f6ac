"""Budgets, over HTTP: how each that is the admin's to know of stands."""

from switchgear.surfaces.http.admin.form import answer
from switchgear.surfaces.http.request import Request


async def show(request: Request) -> None:
    """List the budgets: what may be spent, what was, what is set aside, and when it is new."""
    found = await request.gateway.budgets(request.key)
    await answer(request, {"object": "list", "data": found})
