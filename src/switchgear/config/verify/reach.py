"""Whether each target can be reached, and no fallback runs in a circle."""

from collections.abc import Iterator

from switchgear.config.error import Finding
from switchgear.config.setup import PASSED_IN
from switchgear.config.verify.subject import Subject, found, named


def check_reach(subject: Subject) -> Iterator[Finding]:
    """Find circles of fallbacks, and targets that nothing leads to."""
    yield from _circles(subject)
    reached = _reached(subject)
    for name in subject.targets:
        if name not in reached:
            message = "no alias, rule or fallback leads here; add it to one, or delete it"
            yield found("unreachable_target", ("targets", name), message)


def _reached(subject: Subject) -> set[str]:
    reached: set[str] = set()
    for alias in subject.aliases.values():
        reached.update(subject.members(alias), alias.last, [alias.stands_for])
        reached.update(named(alias.after_flaws))
    for rule in subject.file.rules:
        reached.update(rule.then.first, rule.then.last, named(rule.then.after_flaws))
    reached.update(named(subject.file.flaws.next))
    reached.update(getattr(subject.file.passthrough, each.value) for each in PASSED_IN)
    reached.update(subject.file.tasks.loops.escalate_to, [subject.file.tasks.tool])
    for key in subject.file.keys:
        reached.update(key.models)  # a target that a key may ask for by name
    waiting = list(reached)
    while waiting:
        target = subject.targets.get(waiting.pop())
        fresh = [each for each in target.entry.fallback if each not in reached] if target else []
        reached.update(fresh)
        waiting.extend(fresh)
    return reached


def _circles(subject: Subject) -> Iterator[Finding]:
    told: set[str] = set()
    for name in subject.targets:
        circle = _circle(name, subject)
        if circle and not told & set(circle):
            told.update(circle)
            message = f"{' → '.join([*circle, circle[0]])} is a circle; take one of them out"
            yield found("cyclic_fallback", ("targets", name, "fallback"), message)


def _circle(start: str, subject: Subject) -> list[str]:
    """Return the shortest way from a target back to itself; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        target = subject.targets.get(way[-1])
        for each in target.entry.fallback if target else ():
            if each == start:
                return way
            if each not in seen:
                seen.add(each)
                ways.append([*way, each])
    return []
