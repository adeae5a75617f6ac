"""Which endpoint answers what: one list."""

from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UnknownPath, WrongMethod
from switchgear.surfaces.http import (
    call,
    context,
    decision,
    handoff,
    model,
    operation,
    outcome,
    passage,
    recollection,
    task,
    ticket,
)
from switchgear.surfaces.http.admin import budget, figure, halt, key
from switchgear.surfaces.http.admission import Need
from switchgear.surfaces.http.request import Request

Endpoint = Callable[[Request], Awaitable[None]]


class Route(msgspec.Struct, frozen=True):
    """One endpoint. A path that ends in a slash takes the rest as its argument.

    One with a star in it takes what stands there, which is not empty and has no slash; one with
    both takes both, with a slash between them.
    """

    method: str
    path: str
    endpoint: Endpoint
    dialect: Dialect | None = None
    """What is spoken there; None leaves it to the caller's headers."""
    needs: Need = Need.KEY
    """What a request must bring; it is asked for before the endpoint sees anything."""


ROUTES = (
    Route("POST", "/v1/chat/completions", call.answer_call, Dialect.OPENAI_CHAT),
    Route("POST", "/v1/messages", call.answer_call, Dialect.ANTHROPIC_MESSAGES),
    Route("POST", "/v1/messages/count_tokens", call.count_call, Dialect.ANTHROPIC_MESSAGES),
    Route("POST", "/v1/responses", call.answer_call, Dialect.OPENAI_RESPONSES),
    Route("POST", "/v1/responses/input_tokens", call.count_call, Dialect.OPENAI_RESPONSES),
    Route("GET", "/v1/responses/", recollection.show, Dialect.OPENAI_RESPONSES),
    Route("DELETE", "/v1/responses/", recollection.forget, Dialect.OPENAI_RESPONSES),
    Route("POST", "/v1/responses/", recollection.act, Dialect.OPENAI_RESPONSES),
    Route("POST", "/v1/embeddings", call.embed_call, Dialect.OPENAI_CHAT),
    Route("GET", "/v1/models", model.models),
    Route("GET", "/v1/models/", model.model),
    Route("POST", "/v1/decisions/preview", decision.preview),
    Route("GET", "/v1/decisions", decision.search),
    Route("GET", "/v1/decisions/", decision.show),
    Route("POST", "/v1/outcomes", outcome.say),
    Route("GET", "/v1/tasks/*/context", context.show),
    Route("PATCH", "/v1/tasks/*/context", context.change),
    Route("POST", "/v1/tasks/*/handoffs", handoff.make),
    Route("GET", "/v1/tasks/*/handoffs", handoff.show_all),
    Route("GET", "/v1/tasks/*/handoffs/", handoff.show),
    Route("GET", "/v1/tasks", task.show_all),
    Route("POST", "/v1/tasks", task.make),
    Route("GET", "/v1/tasks/", task.show),
    Route("PATCH", "/v1/tasks/", task.change),
    Route("POST", "/v1/tasks/", task.act),
    Route("GET", "/v1/tickets", ticket.show_all),
    Route("POST", "/v1/tickets", ticket.ask),
    Route("GET", "/v1/tickets/", ticket.show),
    Route("POST", "/v1/tickets/", ticket.act),
    *[
        Route(method, path + end, passage.pass_through)
        for path, _ in passage.KINDS
        for end in ("", "/")
        for method in passage.METHODS
    ],
    Route("GET", "/v1/realtime", passage.realtime, Dialect.OPENAI_CHAT),
    Route("GET", "/admin/keys", key.show_all, needs=Need.ADMIN),
    Route("POST", "/admin/keys", key.make, needs=Need.ADMIN),
    Route("GET", "/admin/keys/", key.show, needs=Need.ADMIN),
    Route("PATCH", "/admin/keys/", key.change, needs=Need.ADMIN),
    Route("DELETE", "/admin/keys/", key.revoke, needs=Need.ADMIN),
    Route("POST", "/admin/keys/", key.act, needs=Need.ADMIN),
    Route("GET", "/admin/budgets", budget.show, needs=Need.ADMIN),
    Route("GET", "/admin/figures", figure.show, needs=Need.ADMIN),
    Route("GET", "/admin/halts", halt.show, needs=Need.ADMIN),
    Route("POST", "/admin/halts", halt.halt, needs=Need.ADMIN),
    Route("DELETE", "/admin/halts", halt.resume, needs=Need.ADMIN),
    Route("GET", "/healthz", operation.health, needs=Need.NOBODY),
    Route("GET", "/readyz", operation.readiness, needs=Need.NOBODY),
    Route("GET", "/metrics", operation.metrics, needs=Need.METRICS),
    Route("GET", "/", operation.root, needs=Need.NOBODY),
)


STAR = "*"
LONGEST = 200
"""Letters of a path that are compared."""
ALIKE = 0.8
"""How like a path must be: one lost /v1 is, /v1/responses to /v1/messages is not."""
CALLS = "/v1/chat/completions, /v1/responses or /v1/messages"
BASES = "The base URL of an OpenAI client ends in /v1, that of an Anthropic client does not."


class Routes:
    """The list, ready for looking up."""

    __slots__ = ("_exact", "_open", "_starred")

    def __init__(self, routes: Sequence[Route] = ROUTES) -> None:
        """Sort by path."""
        self._exact: dict[str, dict[str, Route]] = {}
        for route in routes:
            self._exact.setdefault(route.path, {})[route.method] = route
        starred = [path for path in self._exact if STAR in path]
        self._starred = [(path, *path.split(STAR, 1)) for path in starred]
        self._open = [path for path in self._exact if path.endswith("/") and path != "/"]

    def find(self, request: Request) -> Route:
        """Return the route of a request, and leave with it what is its own.

        Raises:
            UnknownPath: there is none at that path.
            WrongMethod: there is, but for other methods.
        """
        methods = self._exact.get(request.path) or self._argument(request)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            allowed = ", ".join(_allowed(methods))
            request.allowed = allowed.encode()
            raise WrongMethod(f"{request.path} takes only {allowed}.")
        route = methods[method]
        if route.dialect is not None:
            request.dialect = route.dialect
        return route

    def _argument(self, request: Request) -> dict[str, Route]:
        asked = request.path
        for path, before, after in self._starred:
            if not asked.startswith(before):
                continue
            middle, found, end = asked[len(before) :].partition(after)
            if middle and found and "/" not in middle and bool(end) is after.endswith("/"):
                request.rest = f"{middle}/{end}" if end else middle
                return self._exact[path]
        for path in self._open:
            if request.path.startswith(path):
                request.rest = request.path[len(path) :]
                return self._exact[path]
        raise UnknownPath(_hint(request.path))


def _hint(path: str) -> str:
    """Return what to do about a path that is not there; most are a base URL with a mistake."""
    near = get_close_matches(path[:LONGEST], [route.path for route in ROUTES], 1, ALIKE)
    if near:
        return f"There is no such endpoint; did you mean {near[0]}? {BASES}"
    return f"There is no such endpoint; calls go to {CALLS}."


def _allowed(methods: dict[str, Route]) -> list[str]:
    return sorted(set(methods) | ({"HEAD"} if "GET" in methods else set()))
