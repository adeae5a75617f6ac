"""Every route with every role: what is not allowed in so many words is refused."""

import asyncio

import pytest

from support.keyed import Keyed, keyed
from switchgear.domain.endpoint import Endpoint
from switchgear.surfaces.http import passage
from switchgear.surfaces.http.admission import Need
from switchgear.surfaces.http.route import ROUTES, Route

RULES = {"/v1/": Need.KEY, "/admin/": Need.ADMIN}
"""By how a path begins; a route that no rule is written for fails."""
OPEN = {"/": Need.NOBODY, "/healthz": Need.NOBODY, "/readyz": Need.NOBODY, "/metrics": Need.METRICS}
GOOD = ("root", "acme", "meter", "plain", "narrow")
BAD = {
    None: "unknown_key",
    "s-nobody": "unknown_key",
    "s-expired": "expired_key",
    "s-revoked": "revoked_key",
    "sgk_x_mistyped": "unknown_key",
}
MAY = {
    Need.NOBODY: set(GOOD),
    Need.KEY: set(GOOD),
    Need.METRICS: {"root", "meter"},
    Need.ADMIN: {"root", "acme"},
}
ANSWERS = {
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/responses",
    "/v1/responses/input_tokens",
    "/v1/responses/",
    "/v1/decisions/preview",
    *(path + end for path, _ in passage.KINDS for end in ("", "/")),
}
"""Where something is wanted that the narrow key may not want."""
names = pytest.mark.parametrize("route", ROUTES, ids=lambda it: f"{it.method} {it.path}")


def rule(route: Route) -> Need | None:
    if route.path in OPEN:
        return OPEN[route.path]
    return next((need for start, need in RULES.items() if route.path.startswith(start)), None)


@names
def test_every_route_has_a_rule_and_keeps_it(route: Route) -> None:
    assert rule(route) is route.needs


def test_a_route_that_says_nothing_needs_a_key() -> None:
    assert Route("GET", "/new", passage.pass_through).needs is Need.KEY


async def asked(at: Keyed, route: Route, secret: str | None) -> tuple[int, str]:
    path = route.path + "x" if route.path.endswith("/") and route.path != "/" else route.path
    body: object = None if route.method in {"GET", "DELETE"} else {}
    found = await at.ask(route.method, path, secret, body)
    head = await at.ask("HEAD", path, secret) if route.method == "GET" else found
    if not path.startswith(tuple(each for each, _ in passage.KINDS)):
        assert head.status_code == found.status_code
    return found.status_code, found.headers["x-switchgear-reason"]


def test_every_route_is_walked_with_every_role() -> None:
    async def life() -> None:
        async with keyed() as at:
            for route in ROUTES:
                for secret, code in BAD.items():
                    found = await asked(at, route, secret)
                    if route.needs is Need.NOBODY:
                        assert found[0] == 200, route
                    else:
                        assert found == (401, code), route
                for name in GOOD:
                    status, reason = await asked(at, route, f"s-{name}")
                    allowed = name in MAY[route.needs]
                    if name == "narrow" and route.path in ANSWERS:
                        allowed = (route.method, route.path) == ("POST", "/v1/responses/")
                    if allowed:
                        assert status not in {401, 403}, (route, name, reason)
                    else:
                        assert (status, reason) == (403, "not_allowed"), (route, name)

    asyncio.run(life())


def test_a_call_that_its_key_may_not_want_is_on_the_ledger_and_was_not_read() -> None:
    async def life() -> None:
        async with keyed() as at:
            found = await at.http.post(
                "/v1/chat/completions",
                headers={"authorization": "Bearer s-narrow", "content-type": "text/plain"},
                content=b"this is not even JSON",
            )
            assert found.status_code == 403
            assert "may not ask for answer" in found.json()["error"]["message"]
            (row,) = await at.rows()
            assert (row.key, row.code, row.status) == ("narrow", "not_allowed", 403)
            assert (row.endpoint, row.attempts) == (Endpoint.ANSWER, ())

    asyncio.run(life())


def test_without_keys_the_admin_plane_is_shut_and_all_else_is_open() -> None:
    async def life() -> None:
        async with keyed(keys=[]) as at:
            # The two that ended are keys too: with them alone, nobody is let in.
            assert (await at.calc(None)).status_code == 401
        async with keyed(ended=(), keys=[]) as at:
            for route in ROUTES:
                for secret in (None, "s-root"):
                    status, reason = await asked(at, route, secret)
                    if route.needs is Need.ADMIN:
                        assert (status, reason) == (403, "admin_shut"), route
                    else:
                        assert status not in {401, 403}, route
            assert (await at.calc(None)).status_code == 200

    asyncio.run(life())


def test_metrics_may_be_opened_to_everybody_and_nothing_else_with_them() -> None:
    async def life() -> None:
        async with keyed(server={"open_metrics": True}) as at:
            assert (await at.ask("GET", "/metrics", None)).status_code == 200
            assert (await at.ask("GET", "/metrics", "s-plain")).status_code == 200
            assert (await at.ask("GET", "/admin/keys", None)).status_code == 401
            assert (await at.ask("GET", "/v1/models", None)).status_code == 401

    asyncio.run(life())


def test_an_admin_of_a_tenant_reads_no_figures_of_all_tenants_together() -> None:
    async def life() -> None:
        async with keyed() as at:
            refused = await at.ask("GET", "/metrics", "s-acme")
            assert refused.status_code == 403
            assert "rights: [metrics]" in refused.json()["error"]["message"]

    asyncio.run(life())
