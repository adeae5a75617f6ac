"""Where fits begin: from nothing or from the prior, whichever foresees newer calls better."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.target import Tier
from switchgear.engine.policydoc import decode_policy
from switchgear.engine.success.fit import PLAIN, fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import SuccessModel
from switchgear.engine.success.prior import Prior, beginning, decode_prior
from switchgear.engine.trial import foreseen, losses

FEW = 3_000
"""Labels up to which the prior is tried: more of one's own tell all that it could."""


class Weighed(msgspec.Struct, frozen=True):
    """How fits from nothing and from the prior did on calls that neither had learnt from."""

    without: float
    """Log loss, in the mean."""
    begun: float
    """The same of the fit that began from the prior."""
    kept: bool
    """Whether the prior did better, and so is what the new version begins from."""


class Ground(msgspec.Struct, frozen=True):
    """Where fits begin."""

    prior: Prior | None = None
    """None: from nothing."""
    tiers: dict[str, Tier] = {}

    def fitted(self, lessons: Sequence[Lesson]) -> SuccessModel:
        """Return a model fitted to lessons, from here."""
        targets = {each.target for each in lessons}
        return fitted(lessons, PLAIN, beginning(self.prior, self.tiers, targets))


NOTHING = Ground()


def ground_of(prior: bytes, policy: bytes, labels: int) -> Ground:
    """Return where fits to so many labels may begin, under a policy that says targets' tiers.

    Raises:
        ValueError: the prior or the policy cannot be read.
    """
    if not prior or not policy or labels > FEW:
        return NOTHING
    tiers = {each.id: each.tier for each in decode_policy(policy).targets}
    return Ground(decode_prior(prior), tiers)


def better(
    ground: Ground, older: Sequence[Lesson], held: Sequence[Lesson], base: float
) -> tuple[Ground, SuccessModel, Weighed | None]:
    """Return the better place to begin, the fit to older lessons from there, and how both did.

    What others' calls taught may mislead here; so the prior has to win on the newest calls, each
    time anew, and is left out on a tie.
    """
    plain = NOTHING.fitted(older)
    if ground.prior is None:
        return NOTHING, plain, None
    begun = ground.fitted(older)
    without, using = _loss(plain, held, base), _loss(begun, held, base)
    if using < without:
        return ground, begun, Weighed(without, using, kept=True)
    return NOTHING, plain, Weighed(without, using, kept=False)


def _loss(model: SuccessModel, held: Sequence[Lesson], base: float) -> float:
    lost = losses(foreseen(model, held, base)[0], held)
    total = sum([each.weight for each in held]) or 1.0
    return round(sum([one * it.weight for one, it in zip(lost, held, strict=True)]) / total, 5)
