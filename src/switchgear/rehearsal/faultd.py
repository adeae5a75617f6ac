"""The scripted upstream: an HTTP server that serves the fault which a model's name asks for."""

from collections.abc import Callable

import msgspec

from switchgear.domain.units import Seconds
from switchgear.rehearsal.act.answer import healthy
from switchgear.rehearsal.address import LOOPBACK, Addresses
from switchgear.rehearsal.ask import Ask, BadAsk, read_ask
from switchgear.rehearsal.catalogue import CATALOGUE, find
from switchgear.rehearsal.fault import Fault, Form, Phase
from switchgear.rehearsal.step import Steps, respond
from switchgear.rehearsal.tally import Count, Tally
from switchgear.rehearsal.visit import Listener, Request, Visit
from switchgear.rehearsal.weather import Spell, Weather

Now = Callable[[], Seconds]
FAIR = {"fair", "outage"}
"""Names that are healthy until the weather changes."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fault, as the list of them tells it."""

    name: str
    sentence: str
    phase: str
    expect: str
    whole: str = ""
    forms: tuple[str, ...] = ()
    address: str = ""
    """Base URL of its own, where the fault comes before any request."""


class Faultd:
    """Every fault, on one port; those of making a connection on ports of their own."""

    def __init__(self, now: Now) -> None:
        """Take a clock; nothing listens before ``start``."""
        self._now = now
        self._listener = Listener(self._host)
        self._addresses = Addresses()
        self.tally = Tally()
        self.weather = Weather()

    async def start(self, port: int = 0, host: str = LOOPBACK) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: the address is taken.
        """
        await self._listener.start(host, port)
        await self._addresses.start()

    async def stop(self) -> None:
        """Stop listening, and break off what is under way."""
        await self._listener.stop()
        await self._addresses.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    def base_url(self, fault: str = "") -> str:
        """Return the base URL of a fault, as a provider's in a config file."""
        port = self._addresses.ports.get(fault.partition("@")[0], self._listener.port)
        return f"http://{LOOPBACK}:{port}/v1"

    def rows(self) -> list[Row]:
        """Return the catalogue, with addresses."""
        return [self._row(fault) for fault in CATALOGUE]

    def _row(self, fault: Fault) -> Row:
        return Row(
            name=fault.name,
            sentence=fault.sentence,
            phase=fault.phase.value,
            expect=fault.expect.value,
            whole=fault.whole.value if fault.whole else "",
            forms=tuple(each.value for each in Form if each in fault.forms),
            address=self.base_url(fault.name) if fault.phase is Phase.CONNECT else "",
        )

    async def _host(self, visit: Visit) -> None:
        """Answer the requests of one connection."""
        counted: dict[str, Count] = {}
        try:
            while True:
                request = await visit.request()
                if request.path.startswith("/v1/"):
                    await visit.play(self._steps(request, visit, counted))
                else:
                    await visit.play(self._control(request))
        finally:
            for count in counted.values() if visit.left else ():
                count.closed_by_peer += 1
                count.left += visit.answering

    def _steps(self, request: Request, visit: Visit, counted: dict[str, Count]) -> Steps:
        try:
            ask = read_ask(request.path, request.headers, request.body)
        except BadAsk as error:
            return [respond(msgspec.json.encode({"error": {"message": str(error)}}), status=400)]
        name = f"{ask.model}/{ask.scope}" if ask.scope else ask.model
        count = self.tally.of(name)
        if name not in counted:
            counted[name] = count
            count.connections += 1
        count.requests += 1
        count.bytes += len(request.body)
        count.after_spoil += visit.spoilt
        return self._served(ask, count.requests, visit)

    def _served(self, ask: Ask, number: int, visit: Visit) -> Steps:
        model = self.weather.of(ask.model, self._now())
        fault = find(model)
        if fault is None:
            if model.partition("@")[0] in FAIR:
                return healthy(ask)
            told = {"message": f"no fault is called {model[:100]!r}; GET /faults lists them"}
            return [respond(msgspec.json.encode({"error": told}), status=404)]
        form = Form.STREAM if ask.stream else Form.WHOLE
        cold = fault.warm and visit.served == 1
        if form not in fault.forms or cold or not fault.rhythm.strikes(number):
            return healthy(ask)
        visit.spoilt = visit.spoilt or fault.spoils
        return fault.act(ask, fault.argument)

    def _control(self, request: Request) -> Steps:
        match request.method, request.path:
            case "GET", "/faults":
                return [respond(msgspec.json.encode(self.rows()))]
            case "GET", "/tally":
                return [respond(msgspec.json.encode(self.tally.table()))]
            case "POST", "/reset":
                self.tally.reset()
                self.weather.reset()
                return [respond(b"{}")]
            case "POST", "/weather":
                return self._change(request.body)
        told = {"error": "there is GET /faults, GET /tally, POST /reset and POST /weather"}
        return [respond(msgspec.json.encode(told), status=404)]

    def _change(self, body: bytes) -> Steps:
        try:
            spell = msgspec.json.decode(body, type=Spell)
        except msgspec.DecodeError as error:
            return [respond(msgspec.json.encode({"error": str(error)}), status=400)]
        if find(spell.fault) is None:
            return [respond(msgspec.json.encode({"error": "no such fault"}), status=400)]
        self.weather.change(spell, self._now())
        return [respond(b"{}")]
