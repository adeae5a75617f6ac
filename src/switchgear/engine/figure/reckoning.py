"""Adds up calls, in any order, and says what they come to; its memory is bounded."""

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from switchgear.domain.goal import Goals
from switchgear.domain.task import Status
from switchgear.engine.figure.accuracy import Evidence
from switchgear.engine.figure.case import Case
from switchgear.engine.figure.change import mix_change
from switchgear.engine.figure.frame import Frame
from switchgear.engine.figure.report import Group, Report, RuleLine, TargetLine
from switchgear.engine.figure.sheet import NOT_OVER, Series, Sheet, counted, moved, rate_of
from switchgear.engine.figure.work import (
    Effort,
    Statuses,
    Upshot,
    Work,
    upshot_alone,
    upshot_of,
)

MOST_NAMES = 200
"""Groups, targets and rules that are told apart; what comes with others is summed as OTHER."""
STEP = 50
"""Tasks that are settled at once."""
OTHER = "other"
ALL = "all"

By = Callable[[Case], str]


def by_route(case: Case) -> str:
    """Return the group of a call: what was asked for, and the rule that matched."""
    return case.route


class _Line:
    """What is counted of one target."""

    __slots__ = ("completed", "fell_back", "tools")

    def __init__(self) -> None:
        self.completed: Series = {}
        self.tools: Series = {}
        self.fell_back: Series = {}


class Reckoning:
    """Takes the calls of a window, one by one."""

    def __init__(self, frame: Frame, goals: Goals, by: By = by_route) -> None:
        """Begin with nothing; ``by`` names the group of each call."""
        self.frame = frame
        self._goals = goals
        self._by = by
        self._all = Sheet(ALL, frame)
        self._routes: set[str] = set()
        self._sheets: dict[str, Sheet] = {}
        self._groups: list[Group] = []
        self._lines: dict[str, _Line] = {}
        self._rules: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        """Of the older half, and of the newer."""
        self._evidence = Evidence()
        self._work = Work()

    def add(self, case: Case) -> None:
        """Take note of one call; one outside of the window is nobody's."""
        if not self.frame.has(case.at):
            return
        if case.route not in self._routes:
            if len(self._routes) >= MOST_NAMES:
                case = msgspec.structs.replace(case, route=OTHER)
            self._routes.add(case.route)
        if case.asked:
            self._count(case)
        effort = self._work.add(case, self._by(case))
        if effort is not None:
            self._finish(effort, upshot_alone(effort))

    def settle(self, statuses: Statuses) -> Iterator[None]:
        """Take note of how the tasks went, in steps of some milliseconds at most."""
        for number, (task, effort) in enumerate(self._work.tasks(), 1):
            status = statuses.get(task, Status.RUNNING)
            self._finish(effort, upshot_of(effort, status, self._goals, self.frame.until))
            if number % STEP == 0:
                yield
        for each in self._sheets.values():
            self._groups.append(each.group(self._evidence, self._goals))
            yield

    def report(self) -> Report:
        """Return what all comes to, after all was settled."""
        older, newer = self._rules
        return Report(
            since=self.frame.since,
            until=self.frame.until,
            all=self._all.group(self._evidence, self._goals),
            groups=tuple(sorted(self._groups, key=lambda it: (-it.calls, it.name))),
            targets=tuple([self._line(name) for name in sorted(self._lines)]),
            rules=_rules(older + newer),
            shift=mix_change(older, newer),
            left_out=self._work.left_out,
        )

    def _count(self, case: Case) -> None:
        self._all.add(case)
        self._sheet(self._by(case)).add(case)
        rules = self._rules[self.frame.newer(case.at)]
        rules[case.rule if case.rule in rules or len(rules) < MOST_NAMES else OTHER] += 1
        if case.need is not None and case.need.explored:
            self._evidence.add(case.route, case.need)
        self._count_target(case)

    def _count_target(self, case: Case) -> None:
        period = self.frame.number(case.at)
        if case.planned and not case.left:
            fell = not case.answered or case.target != case.planned
            counted(self._of(case.planned).fell_back, period, hit=fell)
        if case.tool is not None and case.target:
            counted(self._of(case.target).tools, period, hit=case.tool)

    def _finish(self, effort: Effort, upshot: Upshot) -> None:
        self._all.finish(effort, upshot, self._goals)
        self._sheet(effort.group).finish(effort, upshot, self._goals)
        if effort.target and upshot not in NOT_OVER:
            period = self.frame.number(effort.began)
            hit = upshot is Upshot.AUTOMATED
            counted(self._of(effort.target).completed, period, hit=hit)

    def _sheet(self, name: str) -> Sheet:
        if name not in self._sheets and len(self._sheets) >= MOST_NAMES:
            name = OTHER
        sheet = self._sheets.get(name)
        if sheet is None:
            sheet = self._sheets[name] = Sheet(name, self.frame)
        return sheet

    def _of(self, target: str) -> _Line:
        if target not in self._lines and len(self._lines) >= MOST_NAMES:
            target = OTHER
        line = self._lines.get(target)
        if line is None:
            line = self._lines[target] = _Line()
        return line

    def _line(self, target: str) -> TargetLine:
        line = self._lines[target]
        return TargetLine(
            target=target,
            completed=rate_of(line.completed),
            tools=rate_of(line.tools),
            fell_back=rate_of(line.fell_back),
            moved=(
                *moved("completed", line.completed, self.frame),
                *moved("tools", line.tools, self.frame),
                *moved("fell_back", line.fell_back, self.frame),
            ),
        )


def settled(reckoning: Reckoning, statuses: Statuses) -> Report:
    """Settle all at once, and return what it comes to."""
    for _ in reckoning.settle(statuses):
        pass
    return reckoning.report()


def _rules(counts: Counter[str]) -> tuple[RuleLine, ...]:
    whole = counts.total()
    found = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    return tuple([RuleLine(rule=name, decisions=many, share=many / whole) for name, many in found])
