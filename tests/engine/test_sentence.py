from switchgear.domain.decision import Reason
from switchgear.engine.sentence import SENTENCES


def test_every_reason_has_a_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)
