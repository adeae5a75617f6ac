"""What tasks are called, whose they are, and when one begins anew."""

from functools import lru_cache
from hashlib import blake2b

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.ids import ALPHABET, DECISION_PREFIX
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.units import Seconds, UnixMs

PREFIX = "tk_"
LETTERS = 26
ID_BYTES = 17
"""Enough for the letters, of five bits each."""
PAIRS = [one + other for other in ALPHABET for one in ALPHABET]
"""Two letters at a time take half as long."""
NAMED, BEGUN = "named", "begun"
MOST_NAMES = 4096
"""Whose ids are remembered: a task's calls all say the same one."""
MOST_GENERATIONS = 32
"""Of tasks that each opened the next."""


@lru_cache(MOST_NAMES)
def task_id(key: str, name: str, kind: str = NAMED) -> str:
    """Return the id of the task that a key's caller calls ``name``.

    It is a hash of both, never a concatenation: callers with different keys never meet, whatever
    they call their tasks.
    """
    digest = blake2b(msgspec.json.encode((key, kind, name)), digest_size=ID_BYTES).digest()
    number = int.from_bytes(digest, "big")
    return PREFIX + "".join([PAIRS[number >> place & 1023] for place in range(0, 5 * LETTERS, 10)])


def begun_id(decision: str) -> str:
    """Return the id of the task that begins with a call, and that nobody has named."""
    name = PREFIX + decision.removeprefix(DECISION_PREFIX)
    return name if looks_minted(name) else task_id("", decision, BEGUN)


def looks_minted(name: str) -> bool:
    """Whether a name is written as our ids are."""
    return len(name) == len(PREFIX) + LETTERS and name.startswith(PREFIX)


def may_use(key: Key, task: Task) -> bool:
    """Whether a key's calls may belong to a task: its own, its makers' or children's, its tenant's.

    What holds for keys of a tenant together is decided by the tenant alone.
    """
    if key.tenant or task.tenant:
        return key.tenant == task.tenant
    return task.key == key.id or task.key in {maker.id for maker in key.makers}


def account_name(task: Task) -> str:
    """Return the name of a task's account: each of its lives has one of its own."""
    return f"{task.id}.{task.run}"


def begun(identity: Identity, key: Key, ancestors: tuple[str, ...], now: UnixMs) -> Task:
    """Return the task that begins with its first call."""
    return Task(
        id=identity.task,
        name=identity.name,
        key=key.id,
        tenant=key.tenant,
        opened=now,
        began=now,
        seen=now,
        agent=identity.agent,
        parent=ancestors[0] if ancestors else "",
        ancestors=ancestors,
    )


def lapsed(task: Task, seen: UnixMs, now: UnixMs, lifetime: Seconds) -> bool:
    """Whether a call that comes now begins the task anew, as nobody has heard of it for so long.

    What is paused or stopped waits for somebody, however long that takes.
    """
    if task.status is Status.RUNNING:
        return now - max(seen, task.seen, task.opened) > lifetime * 1000
    return task.status is Status.DONE


def renewed(task: Task, now: UnixMs) -> Task:
    """Return the task at the beginning of its next life; a deadline was that of the last."""
    return msgspec.structs.replace(
        task,
        run=task.run + 1,
        began=now,
        seen=now,
        steps=0,
        status=Status.RUNNING,
        deadline=None if task.deadline is None or task.deadline <= now else task.deadline,
        why="",
        code="",
        ticket="",
        home="",
    )


def merged(before: Task, mine: Task, theirs: Task) -> Task:
    """Return what others made of a task, with what was learnt here and they did not touch.

    ``before`` is what both began with; steps are not for here, their sums are made elsewhere. Who
    knows of a later life is right in everything.
    """
    if mine is before or theirs.run > mine.run:
        return theirs
    news: dict[str, object] = {}
    for name in Task.__struct_fields__:
        old, own = getattr(before, name), getattr(mine, name)
        if own != old and getattr(theirs, name) == old:
            news[name] = own
    if mine.run > theirs.run:
        news |= {"run": mine.run, "began": mine.began}
    news["seen"] = max(mine.seen, theirs.seen)
    return msgspec.structs.replace(theirs, **{**news, "steps": theirs.steps})


def below(parent: Task, name: str) -> tuple[str, ...]:
    """Return the ancestors of a child of this task, itself first.

    What would be its own ancestor is nobody's child; and at some depth all are siblings, so that a
    call pays in no more accounts than that.
    """
    found = (parent.id, *parent.ancestors)
    if len(found) > MOST_GENERATIONS:
        found = parent.ancestors
    return () if name in found else found
