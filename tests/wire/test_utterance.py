import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Finished, Opened
from switchgear.wire.carriage import ALWAYS
from switchgear.wire.seal import seal
from switchgear.wire.utterance import UTTERANCES, Utterance, ended, unsealed


@pytest.mark.parametrize("each", UTTERANCES, ids=lambda it: it.name)
def test_what_is_looked_at_is_there_and_not_in_every_answer(each: Utterance) -> None:
    assert isinstance(each.events[0], Opened)
    assert isinstance(each.events[-1], Finished)
    assert each.look(each.events)
    assert each.name in ALWAYS or each.look(each.events) != each.look(ended())


def test_a_signature_is_looked_at_without_its_seal() -> None:
    sealed = seal("abc", Dialect.GEMINI, Dialect.ANTHROPIC_MESSAGES)
    assert sealed != "abc"
    assert unsealed(sealed) == unsealed("abc") == "abc"
