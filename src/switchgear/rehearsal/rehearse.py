"""A config rehearsed: each alias through each fault, over real sockets."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

import msgspec

from switchgear.config.setup import Setup
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.units import Seconds
from switchgear.engine.protection import protection_of
from switchgear.rehearsal.catalogue import BY_NAME, CATALOGUE
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Expect, Fault, Form, Phase
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.judge import Case, is_good, judge, lost, truncated
from switchgear.rehearsal.seen import Seen
from switchgear.rehearsal.staging import REMOTE, SECRET, Part, remote, staged
from switchgear.rehearsal.stand import Stand, standing
from switchgear.wire.registry import TONGUES

AT_ONCE = 8
"""Gateways that stand at the same time."""
MOST_ATTEMPTS, MOST_S = 8, 20.0
HEALTHY = "healthy"
QUICK = (
    "refused",
    "hang-before-headers",
    "reset-mid-stream",
    "429-retry-after-2",
    "503",
    "401",
    "html",
    "truncated-sse",
    "context-too-long",
)
TOOL = {"name": "look_up", "description": "Simulated."}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class Verdict(Enum):
    """What a rehearsed call came to."""

    ANSWERED = "answered"
    TOLD = "told"
    """The caller got one clean error, as nobody could answer."""
    FLAWED = "flawed"
    """Something else than the fault's row promises."""
    LOST = "lost"
    """No answer, although another target could have given one."""
    TRUNCATED = "truncated"
    """A part of an answer, or a doubled one, was shown as a success."""

    @property
    def bad(self) -> bool:
        """Whether the rehearsal has failed by it."""
        return self in {Verdict.LOST, Verdict.TRUNCATED}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One call to rehearse."""

    model: str
    """The alias or target that is asked for."""
    fault: Fault
    form: Form
    everywhere: bool
    """Every target has the fault, not only the first of the plan."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    model: str
    fault: str
    form: str
    everywhere: bool
    struck: str
    """The first target of the plan."""
    answered_by: str
    code: str
    """Of the error, where one was told."""
    attempts: int
    seconds: float
    verdict: Verdict
    flaws: tuple[str, ...] = ()


class Tour(msgspec.Struct, frozen=True, kw_only=True):
    """What to rehearse."""

    setup: Setup
    scenes: Sequence[Scene]
    key: str = ""
    now: Callable[[], Seconds]
    tell: Callable[[Result], None]
    """Told of each result as it comes."""


def names(setup: Setup) -> list[str]:
    """Return what callers may ask for: every alias, and targets that have their own fallback."""
    alone = [each.id for each in setup.policy.targets if each.fallback and each.kind in REMOTE]
    return [*setup.policy.aliases, *alone]


def faults(*, quick: bool) -> list[Fault]:
    """Return the faults to rehearse: all that break something in little time, or nine of them."""
    if quick:
        return [BY_NAME[name] for name in QUICK]
    return [
        each
        for each in CATALOGUE
        if each.phase is not Phase.NEVER and each.expect is not Expect.BOUNDED
    ]


def scenes(setup: Setup, wanted: Sequence[Fault], *, quick: bool) -> Iterator[Scene]:
    """Yield every scene, alias by alias."""
    for model in names(setup):
        for fault in wanted:
            for form in Form:
                if form not in fault.forms or (quick and form is not Form.STREAM):
                    continue
                for everywhere in (False, True):
                    yield Scene(model=model, fault=fault, form=form, everywhere=everywhere)


async def rehearse(tour: Tour) -> list[Result]:
    """Play every scene, and return what came of each, in their order."""
    daemon, gate = Faultd(tour.now), asyncio.Semaphore(AT_ONCE)
    await daemon.start()
    try:

        async def one(number: int, scene: Scene) -> Result:
            async with gate:
                result = await _play(tour, scene, daemon, f"@{number}")
                tour.tell(result)
                return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(*each)) for each in enumerate(tour.scenes)]
    finally:
        await daemon.stop()
    return [task.result() for task in tasks]


async def _play(tour: Tour, scene: Scene, daemon: Faultd, scope: str) -> Result:
    everybody = remote(tour.setup)
    healthy = {each: Part(model=HEALTHY, base_url=daemon.base_url()) for each in everybody}
    wish = _wish(scene, Dialect.OPENAI_CHAT, tour.key)
    async with standing(staged(tour.setup, healthy, tour.key)) as stand:
        plan, rule = _foresee(stand, wish)
    struck = [each for each in plan if each in healthy]
    if not struck:
        return _nobody(scene, plan)
    sick = struck if scene.everywhere else struck[:1]
    parts = {
        each: _part(daemon, scene.fault.name if each in sick else HEALTHY, f"{each}{scope}")
        for each in everybody
    }
    spoken = tour.setup.providers[_provider_of(tour.setup, struck[0])].dialect
    wish = _wish(scene, spoken, tour.key)
    async with standing(staged(tour.setup, parts, tour.key)) as stand:
        before = 0
        if scene.fault.warm:
            await call(stand.port, wish, tour.now)
            before = daemon.tally.total(scope).requests
        seen = await call(stand.port, wish, tour.now)
    attempts = daemon.tally.total(scope).requests - before
    case = Case(
        fault=scene.fault,
        form=scene.form,
        fallback=_has_fallback(tour.setup, scene, plan, struck),
        rescue=protection_of(tour.setup.policy, scene.model, rule).rescue,
        most_attempts=MOST_ATTEMPTS,
        most_s=MOST_S,
    )
    take = _Take(scene=scene, struck=struck[0], seen=seen, attempts=attempts)
    return _result(tour.setup, case, take)


def _foresee(stand: Stand, wish: Wish) -> tuple[tuple[str, ...], str]:
    """Return the plan for a call, and the rule that was applied; no plan if it is refused."""
    gateway = stand.running.current()
    key = gateway.authenticate(wish.headers.get("authorization"), None)
    try:
        foreseen = gateway.foresee(
            Call(
                id=gateway.new_id(),
                body=TONGUES[wish.dialect].parse(wish.body()),
                caller=Caller(key=key),
                at=gateway.clock.date(),
                began=gateway.clock.now(),
            )
        )
    except SwitchgearError:
        return (), ""
    choice = foreseen.choice
    return (choice.plan, choice.rule) if choice is not None else ((), "")


def _part(daemon: Faultd, fault: str, name: str) -> Part:
    """Return what a target plays; ``name`` is its own, with its scope."""
    return Part(model=f"{fault}@{name}", base_url=daemon.base_url(fault))


def _wish(scene: Scene, dialect: Dialect, key: str) -> Wish:
    more: dict[str, object] = {}
    if scene.fault.name.startswith("tool-"):
        more = tools(dialect)
    headers = {"authorization": f"Bearer {SECRET}"} if key else {}
    stream = scene.form is Form.STREAM
    return Wish(dialect=dialect, model=scene.model, stream=stream, headers=headers, more=more)


def tools(dialect: Dialect) -> dict[str, object]:
    """Return the fields of a body that demand a tool call."""
    if dialect is Dialect.ANTHROPIC_MESSAGES:
        return {"tools": [TOOL | {"input_schema": SCHEMA}], "tool_choice": {"type": "any"}}
    function = {"type": "function", "function": TOOL | {"parameters": SCHEMA}}
    return {"tools": [function], "tool_choice": "required"}


def _has_fallback(setup: Setup, scene: Scene, plan: Sequence[str], struck: Sequence[str]) -> bool:
    if scene.everywhere:
        return len(plan) > len(struck)  # a tool, which no fault of a provider strikes
    if scene.fault.expect is Expect.LARGER:
        windows = {each.id: each.window for each in setup.policy.targets}
        return any(windows[each] > windows[struck[0]] for each in plan)
    return len(plan) > 1


def _provider_of(setup: Setup, target: str) -> str:
    return next(each.provider for each in setup.policy.targets if each.id == target)


class _Take(msgspec.Struct, frozen=True, kw_only=True):
    scene: Scene
    struck: str
    seen: Seen
    attempts: int


def _result(setup: Setup, case: Case, take: _Take) -> Result:
    scene, seen = take.scene, take.seen
    by = seen.headers.get("x-switchgear-target", "")
    flaws: list[str] = []
    verdict = Verdict.ANSWERED
    if by not in setup.tools or not seen.ended:  # a tool's answer is its own
        flaws = judge(case, seen, take.attempts)
        verdict = _verdict(case, seen, flaws)
    return Result(
        model=scene.model,
        fault=scene.fault.name,
        form=scene.form.value,
        everywhere=scene.everywhere,
        struck=take.struck,
        answered_by=by if seen.ended else "",
        code=seen.code,
        attempts=take.attempts,
        seconds=round(seen.seconds, 3),
        verdict=verdict,
        flaws=tuple(flaws),
    )


def _verdict(case: Case, seen: Seen, flaws: Sequence[str]) -> Verdict:
    if truncated(case, seen):
        return Verdict.TRUNCATED
    if lost(case, seen):
        return Verdict.LOST
    if flaws:
        return Verdict.FLAWED
    return Verdict.ANSWERED if is_good(seen) or seen.ended else Verdict.TOLD


def _nobody(scene: Scene, plan: Sequence[str]) -> Result:
    """Return what a call comes to that no provider would get."""
    return Result(
        model=scene.model,
        fault=scene.fault.name,
        form=scene.form.value,
        everywhere=scene.everywhere,
        struck="",
        answered_by=plan[0] if plan else "",
        code="",
        attempts=0,
        seconds=0.0,
        verdict=Verdict.ANSWERED if plan else Verdict.TOLD,
        flaws=() if plan else ("no target may serve this call",),
    )
