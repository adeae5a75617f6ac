from support.entries import entry
from switchgear.domain.looping import RUNGS
from switchgear.engine.explain import explain
from switchgear.engine.looped import SENTENCES, looped


def test_every_rung_has_its_sentence() -> None:
    assert list(SENTENCES) == list(RUNGS)


def test_a_call_with_which_nothing_was_done_says_nothing_of_it() -> None:
    assert looped(entry(rung="")) is None


def test_an_answer_of_our_own_is_no_targets() -> None:
    told = explain(entry(rung="stop", signals=("cycle",), target=""), None, None)
    assert told.looped is not None
    assert (told.looped.rung, told.looped.signals) == ("stop", ("cycle",))
    assert told.outcome is not None
    assert told.outcome.sentence == "The gateway itself answered to the end."
