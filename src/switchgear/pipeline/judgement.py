"""Judge one call by what was learnt and what holds now; and see now and then what asking saves."""

from switchgear.config.setup import Setup
from switchgear.domain.ask import Ask
from switchgear.domain.caller import Key, Mode
from switchgear.domain.decision import Decision
from switchgear.domain.fact import Decided
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Seconds
from switchgear.engine.decide import decide
from switchgear.engine.features import last_text
from switchgear.engine.gram import grams_of
from switchgear.engine.worth import saving_of
from switchgear.pipeline.attempt import Means
from switchgear.pipeline.overhead import Turn


class Judge:
    """Decides, for one version of the config."""

    def __init__(self, setup: Setup, means: Means) -> None:
        """Take the rules, and what is known."""
        self._setup = setup
        self._means = means

    def turn(self) -> Turn:
        """Return what is done for the next call about what was learnt."""
        return self._means.overhead.learning.turn()

    def judged(self, ask: Ask, key: Key, talk: Conversation, turn: Turn) -> Decided:
        """Return the decision on a call, with all that it was made from."""
        overhead = self._means.overhead
        began = overhead.clock.now()
        if turn is Turn.MEASURE and ask.grams:
            grams_of(last_text(talk))  # once more, for its time alone
        odds = NO_ODDS if turn is Turn.SKIP else self._means.brain.odds(ask)
        took = Seconds(overhead.clock.now() - began)
        situation, decision = self._ranked(ask, odds)
        if turn is Turn.MEASURE and odds.version and not decision.explored:
            self._weigh(took, Decided(ask=ask, situation=situation, decision=decision, odds=odds))
        mode = Mode.OBSERVE if Mode.OBSERVE in (key.mode, self._setup.mode) else Mode.ROUTE
        return Decided(
            ask=ask,
            situation=situation,
            decision=decision,
            mode=mode,
            odds=odds,
            left_out=(overhead.learning.name,) if turn is Turn.SKIP else (),
        )

    def _ranked(self, ask: Ask, odds: Odds) -> tuple[Situation, Decision]:
        """Return the decision on a call, and the situation that it was made in.

        Where all who could serve have nothing left for us, they are judged as if they had: one of
        them can be waited for.
        """
        policy, conditions = self._setup.policy, self._setup.conditions
        plain = self._means.flaws.marked(self._means.health.situation())
        plain = self._means.halts.marked(plain)
        situation = self._means.quotas.marked(plain)
        decision = decide(ask, situation, policy, conditions, odds)
        if situation is plain or decision.plan:
            return situation, decision
        return plain, decide(ask, plain, policy, conditions, odds)

    def _weigh(self, took: Seconds, made: Decided) -> None:
        """See what asking saved: the call is decided once more, as if nothing had been learnt."""
        policy, stage = self._setup.policy, self._means.overhead.learning
        other = decide(made.ask, made.situation, policy, self._setup.conditions)
        stage.weigh(took, saving_of(made.decision, other, made.odds))
