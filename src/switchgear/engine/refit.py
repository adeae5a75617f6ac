"""Learn everything anew, try it on the newest calls against what is in force, and report.

The newest labels are held out in time: the candidate is fitted to what came before them, and both
models are tried on them, each learning from each as it would have. What is switched on is then
fitted to all of them.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.learning import Learning
from switchgear.domain.odds import Bar, Odds
from switchgear.domain.units import UnixMs
from switchgear.engine.condition import compile_conditions
from switchgear.engine.ground import Ground, Weighed, better, ground_of
from switchgear.engine.influence import Said, evened
from switchgear.engine.policy import Policy, promises_of
from switchgear.engine.policydoc import decode_policy
from switchgear.engine.success.bound import bar_of
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import (
    UNTAUGHT,
    SuccessModel,
    decode_model,
    encode_model,
    known,
    predict,
)
from switchgear.engine.success.trait import traits_of
from switchgear.engine.tail import learnt_since
from switchgear.engine.trial import (
    Case,
    Choice,
    Figures,
    Ruling,
    again,
    base_of,
    figures_of,
    foreseen,
    losses,
    ruling,
)

HELD = 0.2
"""Share of the labels, the newest, that a candidate is tried on."""
MOST_HELD = 0.4
LEAST_HELD = 20
CUTS = (0.5, 0.75)
"""Of what is older: up to there it is fitted, and what follows is scored, for the promises."""
HEARD = 0.1
"""Labels of less weight than this say too little for a promise."""
HALF = 0.5
MOST_SCORED = 2_000
"""Of one target, the newest, that bars are reckoned from."""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """All that a refit is made from."""

    said: tuple[Said, ...]
    cases: tuple[Case, ...] = ()
    """Of the newest decisions with labels."""
    policy: bytes = b""
    """The policy in force, as the ledger keeps it; empty where there is none."""
    before: bytes = b""
    """The model in force, as it was when it was switched on; empty for none."""
    through: UnixMs = UnixMs(0)
    """What came until then, it was fitted to."""
    learning: Learning = Learning()
    prior: bytes = b""
    """What fits may begin from; empty for nothing."""
    now: UnixMs


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a refit, for people."""

    labels: int
    held: int
    """The newest of them, that both were tried on."""
    switched: bool
    why: str
    force: Figures | None = None
    """How the model in force did on these."""
    candidate: Figures | None = None
    changed: float = 0.0
    """Share of the decisions made again in which the two chose differently."""
    replayed: int = 0
    """Decisions that were made again."""
    targets: tuple[tuple[str, float], ...] = ()
    """With what is known of each, in labels."""
    bars: tuple[Bar, ...] = ()
    """From which chance on each target keeps the policy's promises."""
    prior: Weighed | None = None
    """What beginning from the prior was worth; None where it was not tried."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a refit comes to."""

    report: Report
    model: bytes = b""
    """The new version; empty where it is not to be switched on."""


def refitted(study: Study) -> Finding:
    """Return the new model where it is better, and the report in any case.

    Raises:
        ValueError: the model in force, or the policy, cannot be read.
    """
    said = sorted(study.said, key=lambda each: each.lesson.at)
    if len(said) < study.learning.min_labels:
        why = f"{len(said)} labels are too few; {study.learning.min_labels} make a version"
        return Finding(report=Report(labels=len(said), held=0, switched=False, why=why))
    cut = _cut(said, study)
    older, held = _lessons(said[:cut], study), _lessons(said[cut:], study)
    ground = ground_of(study.prior if study.learning.prior else b"", study.policy, len(said))
    trial = _Trial(study, older, held, ground)
    report = trial.report()
    if not report.switched:
        return Finding(report=report)
    final = trial.ground.fitted(_lessons(said, study))
    report = msgspec.structs.replace(report, targets=known(final))
    return Finding(report=report, model=encode_model(final))


def _cut(said: Sequence[Said], study: Study) -> int:
    """Return from which label on they are held out: what came since the last fit, within bounds."""
    count = len(said)
    since = sum(1 for each in said if each.lesson.at > study.through) if study.through else 0
    held = since if since >= LEAST_HELD else round(HELD * count)
    return count - max(LEAST_HELD // 2, min(held, round(MOST_HELD * count)))


def _lessons(said: Sequence[Said], study: Study) -> tuple[Lesson, ...]:
    learning = study.learning
    return evened(said, learning.most_influence, learning.half_life, study.now)


class _Trial:
    """Both models on what was held out."""

    def __init__(
        self, study: Study, older: tuple[Lesson, ...], held: tuple[Lesson, ...], ground: Ground
    ) -> None:
        self._study = study
        self._older, self._held = older, held
        self._base = base_of(older)
        self.ground, self._candidate, self._prior = better(ground, older, held, self._base)
        self._force = self._in_force()

    def report(self) -> Report:
        """Return what came of it."""
        held, study = self._held, self._study
        old, _ = foreseen(self._force, held, self._base)
        new, _ = foreseen(self._candidate, held, self._base)
        policy = decode_policy(study.policy) if study.policy else None
        bars = self._bars(policy, new) if policy else ()
        choices = self._choices(policy, bars) if policy else ([], [])
        figures = figures_of(old, held, choices[0]), figures_of(new, held, choices[1])
        lost = losses(old, held), losses(new, held)
        weights = [each.weight for each in held]
        said: Ruling = ruling(lost, weights, figures, first=not study.before)
        moved = [one.target != other.target for one, other in zip(*choices, strict=False)]
        return Report(
            labels=len(study.said),
            held=len(held),
            switched=said.switched,
            why=said.why,
            force=figures[0],
            candidate=figures[1],
            changed=round(sum(moved) / len(moved), 4) if moved else 0.0,
            replayed=len(moved),
            targets=known(self._candidate),
            bars=bars,
            prior=self._prior,
        )

    def _in_force(self) -> SuccessModel:
        """Return the model in force as it was when the held-out calls began."""
        study = self._study
        before = decode_model(study.before) if study.before else UNTAUGHT
        return learnt_since(before, [each for each in self._older if each.at > study.through])

    def _choices(self, policy: Policy, bars: tuple[Bar, ...]) -> tuple[list[Choice], list[Choice]]:
        targets = tuple([each.id for each in policy.targets])

        def says(model: SuccessModel) -> Callable[[Ask], Odds]:
            return lambda ask: Odds(
                version="trial", chances=predict(model, traits_of(ask), targets), bars=bars
            )

        conditions = compile_conditions(policy.rules)
        models = says(self._force), says(self._candidate)
        return again(self._study.cases, policy, conditions, models)

    def _bars(self, policy: Policy, new: Sequence[float]) -> tuple[Bar, ...]:
        """Return what keeps the promises, from scores that were given before the label came."""
        promises = promises_of(policy)
        if not promises:
            return ()
        seen: dict[str, list[tuple[float, bool]]] = {each.id: [] for each in policy.targets}
        for lessons, chances in (*self._earlier(), (self._held, new)):
            for lesson, chance in zip(lessons, chances, strict=True):
                if lesson.weight >= HEARD and lesson.target in seen and lesson.traits.grams:
                    seen[lesson.target].append((chance, lesson.good < HALF))
        return tuple(
            Bar(
                name,
                each.failures,
                each.confidence,
                bar_of(scores[-MOST_SCORED:], each.failures, 1.0 - each.confidence),
            )
            for each in promises
            for name, scores in seen.items()
            if scores
        )

    def _earlier(self) -> list[tuple[Sequence[Lesson], list[float]]]:
        """Return older lessons with what a model said that was fitted to those before them only."""
        older = self._older
        found: list[tuple[Sequence[Lesson], list[float]]] = []
        ends = [round(share * len(older)) for share in (*CUTS, 1.0)]
        for start, end in pairwise(ends):
            model = self.ground.fitted(older[:start])
            said, _ = foreseen(model, older[start:end], self._base)
            found.append((older[start:end], said))
        return found
