"""What the people and machines that run the gateway look at."""

import msgspec

from switchgear.surfaces.http.heading import Marks, headers
from switchgear.surfaces.http.request import Request

JSON = b"application/json"
METRICS = b"text/plain; version=0.0.4; charset=utf-8"


async def root(request: Request) -> None:
    """Say what this is."""
    words = {"name": "switchgear", "models": "/v1/models", "ready": "/readyz"}
    await _write(request, 200, JSON, msgspec.json.encode(words))


async def health(request: Request) -> None:
    """Say that the process lives."""
    await _write(request, 200, JSON, b'{"status":"alive"}')


async def readiness(request: Request) -> None:
    """Say whether calls can be served."""
    why = request.gateway.ready()
    words = {"status": "not ready", "why": why} if why else {"status": "ready"}
    await _write(request, 503 if why else 200, JSON, msgspec.json.encode(words))


async def metrics(request: Request) -> None:
    """Give the metrics."""
    await _write(request, 200, METRICS, request.gateway.metrics())


async def _write(request: Request, status: int, kind: bytes, body: bytes) -> None:
    marks = headers(Marks(decision=request.id))
    await request.response.whole(status, [(b"content-type", kind), *marks], body)
