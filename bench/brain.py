"""Measure what choosing by what was learnt costs a call: features, chances, decision."""

import json
from random import Random

import msgspec
from bench.circles import best_of
from bench.gateway import MODEL
from bench.inside import TONGUE, setup_of

from switchgear.domain.ask import Ask
from switchgear.domain.caller import Caller
from switchgear.domain.learning import Learning
from switchgear.domain.odds import Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import UnixMs
from switchgear.engine.asking import Chances, ask_of
from switchgear.engine.decide import decide
from switchgear.engine.policy import Policy
from switchgear.engine.success.fit import fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import SuccessModel
from switchgear.engine.success.trait import traits_of
from switchgear.pipeline.learning.mind import Mind

TARGETS, RULES, BYTES = 12, 5, 1_000
LESSONS = 2_400
TURNS = 20
WISH = Chances(grams=True)
WORDS = (
    "Our warehouse in Rotterdam ships about 340 parcels a day, and lately a few of them arrive"
    " late. Please read the notes below and say which carrier we should stop using first. The"
    " northern route takes two days when trucks leave before noon, otherwise three; the coastal one"
    " is cheaper but closes whenever wind exceeds 50 km/h, which happened eleven times last winter."
    " Carrier A lost nine parcels out of 1,200, Carrier B lost four out of 410, and the new one has"
    " not lost any so far, although only 75 were sent with it. Customers in Norway complained most,"
    " mainly because customs papers were missing or filled in by hand. You must compare costs per"
    " parcel without tax, list every assumption that matters, and finish with one sentence for our"
    " managing director, who dislikes tables. If figures contradict each other, explain which you"
    " trust and why; then suggest what else should be measured next month before anybody decides."
)


def figures(rounds: int) -> dict[str, list[float]]:
    """Return the microseconds of each part in every round, and of all together."""
    setup = setup_of(TARGETS, RULES)
    policy, conditions = setup.policy, setup.conditions
    raw = _body()
    body = TONGUE.parse(raw)
    body.conversation  # noqa: B018  (it is parsed once, and kept)
    names = tuple(each.id for each in policy.targets)
    model = _taught(policy, names)

    def asked() -> Ask:
        return ask_of(body, Caller(), policy.metadata, WISH)

    def read() -> Ask:
        return ask_of(TONGUE.parse(raw), Caller(), policy.metadata, WISH)

    mind = Mind()
    mind.expect(Learning(), policy)
    mind.begin("v1", model, (), UnixMs(0))

    def odds(ask: Ask) -> Odds:
        return Odds(version=mind.name, chances=mind.chances(ask))

    ask = asked()
    known = odds(ask)

    def together() -> object:
        mine = asked()
        return decide(mine, Situation(), policy, conditions, odds(mine))

    parts = {
        "brain_us": together,
        "brain_features_us": asked,
        "brain_read_us": read,
        "brain_predict_us": lambda: odds(ask),
        "brain_decide_us": lambda: decide(ask, Situation(), policy, conditions, known),
    }
    return {name: [best_of(act, TURNS) * 1e6 for _ in range(rounds)] for name, act in parts.items()}


def _body() -> bytes:
    turn = {"role": "user", "content": WORDS[:BYTES]}
    return msgspec.json.encode({"model": MODEL, "messages": [turn], "max_tokens": 300})


def _taught(policy: Policy, names: tuple[str, ...]) -> SuccessModel:
    """Return a model that was told about every target, on calls with other words."""
    chance = Random(1)  # noqa: S311  (not for secrets)
    words = WORDS.split()
    lessons = []
    for _ in range(LESSONS // len(names)):
        text = " ".join(chance.sample(words, 60))
        turn = {"role": "user", "content": text}
        body = TONGUE.parse(msgspec.json.encode({"model": MODEL, "messages": [turn]}))
        traits = traits_of(ask_of(body, Caller(), policy.metadata, WISH))
        lessons += [
            Lesson(traits, name, float(chance.random() < 0.5 + number / 30))
            for number, name in enumerate(names)
        ]
    return fitted(lessons)


if __name__ == "__main__":
    found = figures(3)
    print(json.dumps({name: [round(value, 2) for value in found[name]] for name in found}))
