"""The model that chances are read from: a version, and what was learnt since on top of it."""

from collections import deque
from collections.abc import Sequence

from switchgear.domain.ask import Ask
from switchgear.domain.learning import Learning
from switchgear.domain.odds import Bar, Chance
from switchgear.domain.units import UnixMs
from switchgear.engine.influence import Said
from switchgear.engine.policy import Policy, Promise, promises_of
from switchgear.engine.success.bound import NEVER
from switchgear.engine.success.model import (
    UNTAUGHT,
    Ground,
    SuccessModel,
    grounds_of,
    predict,
)
from switchgear.engine.success.trait import traits_of
from switchgear.engine.tail import learnt_since
from switchgear.pipeline.learning.influence import Influence

MOST_GROUNDS = 1_000
"""Groups whose grounds are kept."""
MOST_SINCE = 5_000
"""Labels that are kept, to be learnt again on top of the next version."""


class Mind:
    """Read from the event loop; what is learnt is put in place in one step."""

    def __init__(self) -> None:
        """Know nothing."""
        self.version = ""
        """Name of the version that it began from; empty for none."""
        self.since = UnixMs(0)
        self.name = ""
        """Of what is known now: the version, and how many labels came since."""
        self.bars: tuple[Bar, ...] = ()
        self.targets: tuple[str, ...] = ()
        self.influence = Influence()
        self._kept: tuple[Bar, ...] = ()
        self._policy: Policy | None = None
        self._model: SuccessModel = UNTAUGHT
        self._grounds: dict[tuple[str, ...], tuple[Ground, ...]] = {}
        """By group, of the model as it is now: most calls are of a few groups."""
        self._since: deque[Said] = deque(maxlen=MOST_SINCE)
        self._count = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is known at all."""
        return not self._model.labels

    def expect(self, learning: Learning, policy: Policy) -> None:
        """Know the owner's wishes, from now on."""
        self.influence.most, self.influence.half_life = learning.most_influence, learning.half_life
        self.targets = tuple([each.id for each in policy.targets])
        self._grounds.clear()
        self._policy = policy
        self._promise()

    def chances(self, ask: Ask) -> tuple[Chance, ...]:
        """Return what is known of who would do well on a call."""
        traits = traits_of(ask)
        grounds = self._grounds.get(traits.cells)
        if grounds is None:
            if len(self._grounds) >= MOST_GROUNDS:
                self._grounds.clear()
            grounds = grounds_of(self._model, traits.cells, self.targets)
            self._grounds[traits.cells] = grounds
        return predict(self._model, traits, self.targets, grounds)

    def begin(
        self, version: str, model: SuccessModel, bars: tuple[Bar, ...], since: UnixMs
    ) -> tuple[Said, ...]:
        """Begin anew from a version; return what was said later, to be learnt on top of it."""
        later = tuple([each for each in self._since if each.lesson.at > since])
        self._since.clear()
        self.influence.clear()
        self.version, self.since = version, since
        self._model = model
        self._grounds.clear()
        self._kept, self._count = bars, 0
        self._rename()
        self._promise()
        return later

    def after(self, said: Sequence[Said]) -> SuccessModel:
        """Return the model after some labels: not in place yet, and maybe made in a thread."""
        weighed = self.influence.weighed
        return learnt_since(self._model, [part for each in said for part in weighed(each)])

    def put(self, model: SuccessModel, said: Sequence[Said]) -> None:
        """Put in place what was learnt from some labels."""
        self._since.extend(said)
        self._count += len(said)
        self._model = model
        self._grounds.clear()
        self._rename()

    def unkept(self) -> bool:
        """Whether some promise of the policy has nothing that it could be kept by."""
        wanted = {(each.failures, each.confidence) for each in self._promises()}
        return not wanted <= {(each.failures, each.confidence) for each in self._kept}

    def _promises(self) -> tuple[Promise, ...]:
        return () if self._policy is None else promises_of(self._policy)

    def _promise(self) -> None:
        """Have a bar for each promise and target: of what is not known, one that nobody reaches."""
        known = {(it.target, it.failures, it.confidence): it for it in self._kept}
        self.bars = tuple(
            [
                known.get(
                    (name, each.failures, each.confidence),
                    Bar(name, each.failures, each.confidence, NEVER),
                )
                for each in self._promises()
                for name in self.targets
            ]
        )

    def _rename(self) -> None:
        self.name = f"{self.version or 'v0'}+{self._count}" if self._model.labels else ""
