"""Calls one after the other: only the answer that was given is judged, and one model breaks."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec
from evaluation.routing.chooser import NOW, RULES, VERSION, policy_of
from evaluation.routing.fold import Task
from evaluation.routing.target import NANO, targets_of

from switchgear.domain.decision import Decision
from switchgear.domain.odds import Odds
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.decide import decide
from switchgear.engine.explore import extra_of
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, SuccessModel, predict
from switchgear.pipeline.learning.pocket import DAY_MS, allowed

LATE = 16
"""Calls after which an answer's outcome is known, and learnt with those beside it."""
LEFT = 0.2
"""Share of its right answers that the broken model still gives."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How calls come and what is wanted."""

    worth: float = 0.1
    """Dollars, of a right answer."""
    daily: float = 0.05
    """Dollars that exploring may cost; all calls come within one day."""
    rate: float = 0.1
    """The largest share of calls that is explored."""
    seed: int = 17
    learns: bool = True
    """After the break, too."""


class Course(msgspec.Struct, frozen=True):
    """What came of each call, in order."""

    took: list[str]
    right: list[float]
    usd: list[float]
    singles: dict[str, list[float]]
    """Whether each model would have been right, had it been asked each time."""
    broke: str
    """The model that broke half-way: the one that was used most until then."""
    explored: int
    extra: float
    """Dollars that exploring was expected to cost, by which it is held to its budget."""


class Stream:
    """One gateway that learns while it routes."""

    def __init__(self, task: Task, plan: Plan) -> None:
        """Know nothing yet."""
        self._task, self._plan = task, plan
        self._chance = Random(plan.seed)
        routes = sorted({ask.model for ask in task.asks})
        self._policy = policy_of(targets_of(task.models), routes, plan.worth)
        self._order = list(range(len(task.items)))
        self._chance.shuffle(self._order)
        self._model: SuccessModel = UNTAUGHT
        self._waiting: list[Lesson] = []
        self._spent = 0
        self._explored = 0
        self._broke = ""

    def run(self) -> Course:
        """Route all calls."""
        task, count = self._task, len(self._order)
        took: list[str] = []
        right: list[float] = []
        usd: list[float] = []
        singles: dict[str, list[float]] = {name: [] for name in task.models}
        for turn, place in enumerate(self._order):
            if turn == count // 2:
                self._broke = Counter(took[count // 4 :]).most_common(1)[0][0]
            rights = self._rights(place)
            name = self._routed(place, turn)
            took.append(name)
            right.append(rights[name])
            usd.append(task.items[place].answers[name].usd)
            for each, row in singles.items():
                row.append(rights[each])
            if self._plan.learns or turn < count // 2:
                self._told(Lesson(task.traits[place], name, rights[name], 1.0, UnixMs(turn)))
        extra = self._spent / NANO
        return Course(took, right, usd, singles, self._broke, self._explored, extra)

    def _rights(self, place: int) -> dict[str, float]:
        rights = {name: it.right for name, it in self._task.items[place].answers.items()}
        if self._broke and self._chance.random() >= LEFT:
            rights[self._broke] = 0.0
        return rights

    def _routed(self, place: int, turn: int) -> str:
        task, plan = self._task, self._plan
        date = UnixMs(turn * DAY_MS // len(self._order))
        purse = max(0, allowed(NanoUsd(round(plan.daily * NANO)), date) - self._spent)
        odds = Odds(
            version=VERSION,
            chances=predict(self._model, task.traits[place], task.models),
            purse=NanoUsd(purse),
            rate=plan.rate if purse and plan.learns else 0.0,
        )
        ask = msgspec.structs.replace(task.asks[place], draw=self._chance.random())
        decision = decide(ask, NOW, self._policy, RULES, odds)
        self._pay(decision)
        return decision.winner

    def _pay(self, decision: Decision) -> None:
        self._spent += extra_of(decision)
        self._explored += decision.explored

    def _told(self, lesson: Lesson) -> None:
        self._waiting.append(lesson)
        if len(self._waiting) == LATE:
            self._model = learnt(self._model, self._waiting)
            self._waiting = []


def last_quarter(rows: Sequence[float]) -> Sequence[float]:
    """Return what came in the last quarter."""
    return rows[-(len(rows) // 4) :]


def best_single(course: Course) -> str:
    """Return the model that would have been right most often there: nobody could know."""
    return max(course.singles, key=lambda name: sum(last_quarter(course.singles[name])))


def of_best(course: Course, places: Sequence[int]) -> float:
    """Return our accuracy there, of the best single model's on the same prompts."""
    ours = last_quarter(course.right)
    rows = [last_quarter(row) for row in course.singles.values()]
    most = max(sum(row[place] for place in places) for row in rows)
    return sum(ours[place] for place in places) / most if most else 1.0


def rolling(rows: Sequence[float], width: int) -> list[tuple[float, float]]:
    """Return the mean of so many calls, along the stream, for a picture."""
    return [
        (end, sum(rows[end - width : end]) / width)
        for end in range(width, len(rows) + 1, max(1, width // 4))
    ]
