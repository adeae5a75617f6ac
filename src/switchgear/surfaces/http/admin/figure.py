"""The three figures, over HTTP: how routing does, and whether it keeps the owner's goals."""

import msgspec

from switchgear.surfaces.http.admin.form import answer
from switchgear.surfaces.http.request import Request


async def show(request: Request) -> None:
    """Tell the figures of all calls, or of the calls of the admin's tenant."""
    gateway = request.gateway
    report = await gateway.figures(request.key.tenant)
    goals = gateway.goals
    wanted = {"accuracy": goals.accuracy, "override": goals.override, "cost": goals.cost.value}
    told = msgspec.to_builtins(report)
    await answer(request, {"object": "figures", "goals": wanted, **told})
