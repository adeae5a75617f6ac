"""Every fault that the scripted upstream can serve, one row each."""

import re

import msgspec

from switchgear.rehearsal.act import answer, flood, framing, line, nonsense, status, toolcall
from switchgear.rehearsal.fault import Fault, Rhythm

CATALOGUE: tuple[Fault, ...] = (
    *answer.ROWS,
    *line.ROWS,
    *status.ROWS,
    *nonsense.ROWS,
    *framing.ROWS,
    *flood.ROWS,
    *toolcall.ROWS,
)
BY_NAME = {each.name: each for each in CATALOGUE}
BY_STEM = sorted(
    ((each.stem, each) for each in CATALOGUE if each.argument and each.stem != each.name),
    key=lambda each: -len(each[0]),
)
"""Faults that take an argument, the longest name first."""
_STATUS = re.compile(r"[45]\d\d")
_RHYTHM = {f"-{each.value}": each for each in (Rhythm.ONCE, Rhythm.HALF)}


def find(name: str) -> Fault | None:
    """Return the fault that a model's name means; what stands after ``@`` is its scope only.

    A name may end in ``-once`` or ``-half``, and a number in it may be another one.
    """
    name = name.partition("@")[0]
    if name in BY_NAME:
        return BY_NAME[name]
    for ending, rhythm in _RHYTHM.items():
        if name.endswith(ending):
            found = find(name.removesuffix(ending))
            return found and msgspec.structs.replace(found, name=name, rhythm=rhythm)
    if _STATUS.fullmatch(name):
        return msgspec.structs.replace(BY_NAME["400"], name=name, argument=name)
    for stem, fault in BY_STEM:
        argument = name.removeprefix(f"{stem}-")
        if argument != name and re.fullmatch(r"-?\w{1,9}", argument):
            takes_number = fault.argument.lstrip("-").isdigit()
            if "retry-after" in stem or not takes_number or argument.isdigit():
                return msgspec.structs.replace(fault, name=name, argument=argument)
    return None
