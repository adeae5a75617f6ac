"""What tasks are called, whose they are, and when one begins anew."""

from hashlib import blake2b

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.ids import ALPHABET
from switchgear.domain.task import Status, Task
from switchgear.domain.units import Seconds, UnixMs

PREFIX = "tk_"
LETTERS = 26
ID_BYTES = 17
"""Enough for the letters, of five bits each."""
NAMED, INFERRED = "named", "inferred"


def task_id(key: str, name: str, kind: str = NAMED) -> str:
    """Return the id of the task that a key's caller calls ``name``.

    It is a hash of both, never a concatenation: callers with different keys never meet, whatever
    they call their tasks.
    """
    digest = blake2b(msgspec.json.encode((key, kind, name)), digest_size=ID_BYTES).digest()
    number = int.from_bytes(digest, "big")
    return PREFIX + "".join([ALPHABET[number >> 5 * place & 31] for place in range(LETTERS)])


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


def lapsed(task: Task, now: UnixMs, lifetime: Seconds) -> bool:
    """Whether a task's rolling lifetime is over: so long, it has not been heard of."""
    return now - max(task.seen, task.opened) > lifetime * 1000


def renewed(task: Task, now: UnixMs) -> Task:
    """Return the task at the beginning of its next life."""
    return msgspec.structs.replace(
        task,
        run=task.run + 1,
        began=now,
        seen=now,
        steps=0,
        status=Status.RUNNING,
        why="",
        code="",
        ticket="",
        home="",
    )
